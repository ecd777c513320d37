import { agent } from './agent.ts';
import type { CliCommand } from './command.ts';
import { completion, grammarOf } from './completion.ts';
import { connect } from './connect.ts';
import { controller } from './controller.ts';
import { corednsInstall } from './coredns-install.ts';
import { corednsRemove } from './coredns-remove.ts';
import { corednsShow } from './coredns-show.ts';
import { diagnose } from './diagnose.ts';
import { disable } from './disable.ts';
import { disconnect } from './disconnect.ts';
import { dns } from './dns.ts';
import { enable } from './enable.ts';
import { exportCommand } from './export.ts';
import { getClusters } from './get-clusters.ts';
import { getEndpoints } from './get-endpoints.ts';
import { getNodes } from './get-nodes.ts';
import { getServices } from './get-services.ts';
import { resolve } from './resolve.ts';
import { status } from './status.ts';
import { unexport } from './unexport.ts';

/** First words of commands that have two, and what these have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  coredns: 'see to it that CoreDNS forwards the zone of the cluster set',
  get: 'list what there is in the cluster set',
};

/** Every subcommand, in the order of `causeway --help`. */
export const COMMANDS: readonly CliCommand[] = [
  enable,
  connect,
  disconnect,
  disable,
  corednsShow,
  corednsInstall,
  corednsRemove,
  status,
  exportCommand,
  unexport,
  resolve,
  diagnose,
  getClusters,
  getServices,
  getEndpoints,
  getNodes,
  dns,
  controller,
  agent,
  completion(() => grammarOf(COMMANDS, GROUPS)),
];
