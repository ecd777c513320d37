import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a cluster is made of, as it is written into its folder; everything in it stays the same over restarts. */
export interface Description {
  readonly name: string;
  /** Tells the address ranges of the clusters of one bed apart: 1 to 9. */
  readonly number: number;
  readonly ports: {
    readonly api: number;
    readonly etcd: number;
    readonly etcdPeer: number;
  };
}

/** A folder that has this file is a whole cluster. */
export function descriptionPath(folder: string): string {
  return join(folder, 'cluster.json');
}

export function isDescribed(folder: string): boolean {
  return existsSync(descriptionPath(folder));
}

export function readDescription(folder: string): Description {
  return JSON.parse(readFileSync(descriptionPath(folder), 'utf8'));
}

/** IPv4 and IPv6 ranges of the ClusterIPs; no two clusters of a bed share one. */
export function serviceRanges({ number }: Description): readonly [string, string] {
  return [`10.1${number}0.0.0/16`, `fd00:10:1${number}0::/112`];
}

/** The ClusterIP with a number: 1 is that of `kubernetes`, 10 by convention that of the DNS. */
export function serviceAddress({ number }: Description, host: number): string {
  return `10.1${number}0.0.${host}`;
}

/** IPv4 and IPv6 ranges of the pods. */
export function podRanges({ number }: Description): readonly [string, string] {
  return [`10.${number}0.0.0/16`, `fd00:10:${number}0::/64`];
}

/** Addresses of the pod with a number from 0 to 65,000. */
export function podAddresses({ number }: Description, pod: number): { IPv4: string; IPv6: string } {
  const host = pod + 1;
  return {
    IPv4: `10.${number}0.${Math.floor(host / 256)}.${host % 256}`,
    IPv6: `fd00:10:${number}0::${host.toString(16)}`,
  };
}

export const nodeCount = 3;

/** Nodes are called `node-1`, `node-2`, …; `index` counts from 0. */
export function nodeName(index: number): string {
  return `node-${index + 1}`;
}

/** At that of the first node, the pods of all clusters of the bed reach the API server. */
export function nodeAddress({ number }: Description, index = 0): string {
  return `192.168.${number}.${index + 1}`;
}

/** Everything that the nodes of a cluster are reached at. */
export function nodeRange({ number }: Description): string {
  return `192.168.${number}.0/24`;
}
