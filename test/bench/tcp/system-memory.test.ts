import { expect, test } from 'vitest';
import { systemMemoryIn } from '../../../bench/tcp/system-memory.ts';

test.each([
  { row: 'no socket', text: '', mebibytes: 0 },
  {
    row: 'what was received, set aside and is to be sent, of all sockets',
    text: `ESTAB 0 9 127.0.0.1:53 127.0.0.2:1
\t skmem:(r1048576,rb131072,t0,tb87040,f524288,w2097152,o0,bl0,d0)
ESTAB 0 0 127.0.0.1:53 127.0.0.2:2
\t skmem:(r0,rb131072,t0,tb87040,f524288,w0,o0,bl0,d0)
`,
    mebibytes: 4,
  },
])('$row', ({ text, mebibytes }) => {
  expect(systemMemoryIn(text)).toBe(mebibytes);
});
