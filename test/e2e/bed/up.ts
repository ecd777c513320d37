import { optionsOf } from './options.ts';
import { standingFolder, up } from './standing.ts';

const { clusters, folder } = optionsOf({
  name: 'e2e:up',
  does: 'start clusters to play with by hand, or what does not run of those that are there',
  options: {
    clusters: {
      value: 'NUMBER',
      about: 'how many, where there are none yet',
      default: '3',
      must: { be: /^[1-9]$/, words: '1 to 9' },
    },
    folder: { value: 'FOLDER', about: 'where their files are', default: standingFolder },
  },
});
console.log(await up(folder, Number(clusters)));
