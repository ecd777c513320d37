import type { MetricDeclaration } from './metric-declaration.ts';

/** What the controller counts; a part of `METRICS`. */
export const CONTROLLER_METRICS = {
  controllerLeading: {
    name: 'causeway_controller_leading',
    type: 'gauge',
    help: '1 while this process is the one that writes.',
    labels: {},
  },
  controllerQueue: {
    name: 'causeway_controller_queue',
    type: 'gauge',
    help: 'Services that may be out of line.',
    labels: {
      state: '`ready`, `running`, `delayed` (wait for a time), `failing` (failed since they last succeeded)',
    },
  },
  controllerWrites: {
    name: 'causeway_controller_writes_total',
    type: 'counter',
    help: 'Objects and statuses that were written or deleted.',
    labels: { result: '`ok`, `failed`' },
  },
  remoteServing: {
    name: 'causeway_remote_serving',
    type: 'gauge',
    help: '0 while the cluster is held for lost, or packets do not get to its pods.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteNodes: {
    name: 'causeway_remote_nodes',
    type: 'gauge',
    help: 'Nodes of the cluster that have a RemoteNode here, or are getting one.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteNodesLeftOut: {
    name: 'causeway_remote_incomplete_nodes',
    type: 'gauge',
    help: 'Nodes of the cluster of which something could not be taken over; condition NodesSynced says what.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteNodesRefused: {
    name: 'causeway_remote_refused_nodes',
    type: 'gauge',
    help: 'RemoteNodes whose condition Accepted is False: no routes lead to what it names. None where this process does not lead.',
    labels: { reason: '`Invalid`, `Guarded`, `Conflict`, `TooMany`' },
  },
  dataPathNodes: {
    name: 'causeway_remote_data_path_nodes',
    type: 'gauge',
    help: 'Ready nodes of this cluster by what their routing agents say of the way to the pods of the other one.',
    labels: { remote: 'name of the RemoteCluster', says: '`up`, `down`, `nothing`' },
  },
  remoteSynced: {
    name: 'causeway_remote_synced',
    type: 'gauge',
    help: '1 once all that the cluster publishes has been read since connecting.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteServices: {
    name: 'causeway_remote_services',
    type: 'gauge',
    help: 'Services imported from the cluster.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  credentialExpiry: {
    name: 'causeway_controller_credential_expiry_seconds',
    type: 'gauge',
    help: 'Time until the credential ends that a cluster is read with; below zero: since. None where it does not say.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteWriteLag: {
    name: 'causeway_remote_write_lag_seconds',
    type: 'gauge',
    help: 'From hearing of a change in the cluster to having written what follows from it; of the last change.',
    labels: { remote: 'name of the RemoteCluster' },
  },
} as const satisfies Record<string, MetricDeclaration>;
