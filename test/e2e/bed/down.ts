import { optionsOf } from './options.ts';
import { down, standingFolder } from './standing.ts';

const { folder } = optionsOf({
  name: 'e2e:down',
  does: 'end the clusters that e2e:up started, and remove their files',
  options: { folder: { value: 'FOLDER', about: 'where their files are', default: standingFolder } },
});
console.log(await down(folder));
