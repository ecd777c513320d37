import { expect, test } from 'vitest';
import type { Commands, Outcome } from '../../src/kernel/commands.ts';
import { checkPrograms } from '../../src/kernel/programs.ts';

const GOOD: Readonly<Record<string, string>> = {
  ip: 'ip utility, iproute2-6.1.0, libbpf 1.1.2\n',
  nft: 'nftables v1.0.6 (Lester Gooch #5)\n',
  setpriv: 'setpriv from util-linux 2.38.1\n',
};

/** Programs that print these versions; undefined: there is none. `tables`: what nft says when asked for its tables. */
function programs(
  versions: Readonly<Record<string, string | undefined>>,
  tables: Partial<Outcome> = {},
): Commands {
  return {
    run: async (program, [option]) => {
      if (option !== '-V') return { code: 0, output: '{"nftables": []}', errors: '', ...tables };
      const version = { ...GOOD, ...versions }[program];
      if (version === undefined)
        throw Object.assign(new Error(`spawn ${program} ENOENT`), { code: 'ENOENT' });
      return { code: 0, output: version, errors: '' };
    },
  };
}

test.each([
  { row: 'as old as the tests have', versions: {} },
  {
    row: 'newer ones',
    versions: {
      ip: 'ip utility, iproute2-6.15.0\n',
      nft: 'nftables v1.1.1 (Commodore Bullmoose #2)\n',
    },
  },
])('good: $row', async ({ versions }) => {
  await expect(checkPrograms(programs(versions))).resolves.toBeUndefined();
});

test.each([
  ['PROGRAM_MISSING', 'nft is not there: none in PATH; install nftables', { nft: undefined }],
  ['PROGRAM_MISSING', 'ip is not there: none in PATH; install iproute2', { ip: undefined }],
  [
    'PROGRAM_MISSING',
    '"ip -V" printed "BusyBox v1.36.1 multi-call binary.", which is not the ip of iproute2; install iproute2 6.1 or later',
    { ip: 'BusyBox v1.36.1 multi-call binary.\n\nUsage: ip [OPTIONS]\n' },
  ],
  [
    'PROGRAM_TOO_OLD',
    'nft is of nftables 1.0.5, which is too old; install nftables 1.0.6 or later',
    { nft: 'nftables v1.0.5 (Lester Gooch #4)\n' },
  ],
  [
    'PROGRAM_TOO_OLD',
    'ip is of iproute2 5.15.0, which is too old; install iproute2 6.1 or later',
    { ip: 'ip utility, iproute2-5.15.0, libbpf 0.4.0\n' },
  ],
])('%s: %s', async (code, message, versions) => {
  await expect(checkPrograms(programs(versions))).rejects.toMatchObject({ code, message });
});

test.each([
  [
    'PERMISSION_MISSING',
    'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed',
    'looking at the firewall by "nft -j list tables": Operation not permitted (you must be root); ' +
      "run the agent as root with the capability NET_ADMIN in the host's network namespace",
  ],
  [
    'KERNEL_UNREADABLE',
    'Error: JSON support not compiled-in',
    'looking at the firewall by "nft -j list tables": Error: JSON support not compiled-in; ' +
      'needs a kernel with nf_tables and an nft that was built with JSON',
  ],
])('%s where nft says: %s', async (code, errors, message) => {
  const commands = programs({}, { code: 1, output: '', errors });
  await expect(checkPrograms(commands)).rejects.toMatchObject({ code, message });
});
