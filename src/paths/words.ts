import type { Finding } from './verdict.ts';

/** What is wrong with a path that is down, and where to look. @param port that probes go to */
export function explain(finding: Finding, port: number): string {
  switch (finding) {
    case 'silent':
      return (
        'nothing gets through to the cluster: no node that was asked answers. Look for a firewall between the nodes ' +
        `that drops the tunnel, or one on the nodes there that drops UDP and TCP port ${port}`
      );
    case 'mtu':
      return (
        'small packets get through to the cluster and large ones do not: the network between takes less than the nodes ' +
        'on its two sides believe. Lower the MTU of the underlay device on one of them; the agents follow it'
      );
    case 'stream':
      return (
        'UDP gets through to the cluster and TCP does not. Look for checksum offload that the network device does wrong ' +
        `in tunnels, or a firewall that drops TCP port ${port}`
      );
    case 'datagrams':
      return `TCP gets through to the cluster and UDP does not: look for a firewall that drops UDP port ${port}`;
  }
}
