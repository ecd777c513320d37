import { parseArgs } from 'node:util';
import { standingFolder, up } from './standing.ts';

// npm run e2e:up [-- --clusters 3] [-- --folder FOLDER]
const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '3' },
    folder: { type: 'string', default: standingFolder },
  },
});
if (!/^[1-9]$/.test(values.clusters)) throw new Error(`--clusters ${values.clusters}: 1 to 9`);
console.log(await up(values.folder, Number(values.clusters)));
