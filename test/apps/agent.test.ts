import { describe, expect, test } from 'vitest';
import { runAgent } from '../../src/apps/agent.ts';
import { agentSettings } from '../../src/apps/agent-settings.ts';
import { readSettings } from '../../src/apps/setting.ts';

const silent = { print: () => {}, complain: () => {} };
/** Where it ends, long before it looks at the host that the test runs on. */
const sysctls = '/nonexistent';

describe('two settings of one port', () => {
  const run = (flags: Readonly<Record<string, string>>): Promise<number> => {
    const typed = Object.entries({ wireguardPort: '4795', sysctls, ...flags });
    const texts = typed.map(([name, text]) => [name, [text]] as const);
    const given = { flags: Object.fromEntries(texts), operands: {}, environment: {} };
    return runAgent(readSettings(agentSettings, given), silent);
  };

  test.each([
    { row: 'an agent', flags: {}, refused: '--wireguard-port: found 4795, which --vxlan-port 4795 takes' },
    {
      row: 'what an agent would do',
      flags: { dryRun: 'true' },
      refused: '--wireguard-port: found 4795, which --vxlan-port 4795 takes',
    },
    { row: 'but not its removal', flags: { clean: 'true' }, refused: '--sysctls: found "/nonexistent"' },
    {
      row: 'nor a look at that',
      flags: { clean: 'true', dryRun: 'true' },
      refused: '--sysctls: found "/nonexistent"',
    },
  ])('keep from starting: $row', async ({ flags, refused }) => {
    await expect(run(flags)).rejects.toThrow(refused);
  });
});
