import { family } from './family.ts';

const REASON =
  'no routing agent is installed: Causeway does not look at how packets get from cluster to cluster';
const REMEDY =
  'make sure by other means that a pod of one cluster reaches a pod of the other, with large packets as well';

/** Until there is a routing agent: what nobody looks at is never green. */
export const dataPath = family({
  name: 'path',
  about: 'how packets get from a pod of one cluster to a pod of another',
  checks: {
    'path.agent': 'the routing agent runs on every node',
    'path.tunnel': 'the tunnels to the nodes of other clusters stand',
    'path.mtu': 'packets as large as pods send get through',
  },
  messages: {},
  *judge({ clusters }, say) {
    for (const { context } of clusters) {
      for (const check of ['path.agent', 'path.tunnel', 'path.mtu'] as const) {
        yield say.unknown(check, context, REASON, REMEDY);
      }
    }
  },
});
