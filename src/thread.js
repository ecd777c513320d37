// How a thread starts that has much to load: `startThread(url of this file, { argv: [url of its module] })`. The cache
// of main.js is each thread's to turn on. Without it a thread strips types with a stripper of its own, which takes half
// a second on a busy machine and 10 MiB; for that reason this is the other file that is JavaScript.
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

nodeModule.enableCompileCache(fileURLToPath(new URL('../.cache/compile', import.meta.url)));
await import(process.argv[2]);
