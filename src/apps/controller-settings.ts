import { LOG_FORMATS, LOG_LEVELS } from '../ops/levels.ts';
import * as read from './readers.ts';
import { type Config, optional, required } from './setting.ts';

/** Every setting of `causeway controller`. `--help` and docs/commands/controller.md are printed from here. */
export const controllerSettings = {
  kubeconfig: optional(
    read.path,
    "how to reach this cluster's API server",
    '$KUBECONFIG if set, else the service account of the pod',
  ),
  namespace: required(
    read.namespace,
    "the controller's own namespace, where its Lease and the Secrets of RemoteClusters lie",
    'causeway-system',
  ),
  clusterLostAfter: required(
    read.duration('3s', '60m'),
    'after how long a silence of its API server a remote cluster is held for lost, and traffic goes to others where there are any',
    '15s',
  ),
  clusterBackAfter: required(
    read.duration('1s', '60m'),
    'how long the API server of a lost cluster has to answer every time, and three times at least, before traffic goes there again',
    '5s',
  ),
  concurrency: required(
    read.integer('services', 1, 256, 'services'),
    'most services whose objects are written at once',
    '16',
    'services',
  ),
  leaderElection: required(
    read.truth,
    'write only while holding the Lease causeway-controller; false is for a controller that runs alone',
    'true',
  ),
  identity: optional(
    read.text('name', 128),
    'what this process calls itself in the Lease, where a random part is added, and in Events',
    'the host name',
  ),
  httpListen: required(
    read.listenAddress,
    'where to serve /metrics, /healthz, /readyz and /debug/*',
    '127.0.0.1:9354',
  ),
  logLevel: required(read.choice(LOG_LEVELS), 'least severe messages logged', 'info'),
  logFormat: required(
    read.choice(LOG_FORMATS),
    'json, or pretty for people; auto is pretty on a terminal',
    'auto',
  ),
} as const;

export type ControllerConfig = Config<typeof controllerSettings>;
