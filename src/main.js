#!/usr/bin/env node
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  const fetched = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
  const cure = existsSync(`${fetched}/node`) ? `; npm has fetched one: export PATH=${fetched}:$PATH` : '';
  console.error(
    `causeway: needs Node ${OLDEST_NODE} or newer; the one on the PATH is ${process.version}${cure}`,
  );
  process.exit(2);
}

// Node would open its debugger by this signal, to everybody on the host. `node --inspect` still does.
process.on('SIGUSR1', () => {});

// Stripping types and compiling is most of the time that a start takes, so the result is kept: in our own folder,
// because what others can write in the system's would run as us. Where ours cannot be written, every start is a first
// one; the image brings it along. This file alone is JavaScript: it is loaded before the cache, and for one file the
// type stripper takes 70 ms.
nodeModule.enableCompileCache(fileURLToPath(new URL('../.cache/compile', import.meta.url)));
const { COMMANDS } = await import('./cli/index.ts');
const { runProgram } = await import('./cli/program.ts');
const { processTerminal } = await import('./cli/process-terminal.ts');

const code = await runProgram(COMMANDS, process.argv.slice(2), processTerminal());
process.exit(code);
