import { parseArgs } from 'node:util';
import { down, standingFolder } from './standing.ts';

// npm run e2e:down [-- --folder FOLDER]
const { values } = parseArgs({ options: { folder: { type: 'string', default: standingFolder } } });
console.log(await down(values.folder));
