import { createServer } from 'node:http';
import { hostname } from 'node:os';

// The image `echo`: says who answers.
const server = createServer((_, response) => response.end(`${process.env['CLUSTER']} ${hostname()}\n`));
server.listen(80);
process.once('SIGTERM', () => process.exit(0));
