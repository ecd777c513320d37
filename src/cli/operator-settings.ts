import * as read from '../apps/readers.ts';
import { optional, required, short } from '../apps/setting.ts';
import { OUTPUT_FORMATS } from '../terminal/render.ts';

/** Settings that commands for operators share. */

export const clusterSettings = {
  context: optional(
    read.context,
    'the context of the kubeconfig that leads to the cluster',
    'the current context',
  ),
  kubeconfig: optional(
    read.path,
    'the kubeconfig to use',
    '$KUBECONFIG, else ~/.kube/config, else the service account of the pod',
  ),
  verbose: required(read.truth, 'also print where in the program an error came from', 'false'),
} as const;

/** For commands that look at what Causeway itself runs. */
export const systemNamespace = short(
  'n',
  required(read.namespace, 'the namespace that Causeway runs in', 'causeway-system'),
);

/** For commands that are about a service. */
export const serviceNamespace = short(
  'n',
  optional(read.namespace, 'the namespace of the service', "that of the kubeconfig's context, else default"),
);

export const outputFormat = short(
  'o',
  required(read.choice(OUTPUT_FORMATS), 'table for people, json or yaml for programs', 'table'),
);
