import { stringify } from 'yaml';

export interface NodeGiven {
  readonly uid?: string;
  readonly address?: string;
  readonly podCIDR?: string;
  readonly ready?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What a kubelet writes every few minutes, and nobody needs. */
  readonly heartbeat?: string;
}

/** A core/v1 Node as YAML, with what makes real ones large. */
export function nodeYaml(name: string, given: NodeGiven = {}): string {
  const { uid = `u-${name}`, address, podCIDR, ready = true, annotations = {}, heartbeat = '1' } = given;
  return stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid, annotations },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    status: {
      addresses: [
        ...(address === undefined ? [] : [{ type: 'InternalIP', address }]),
        { type: 'Hostname', address: name },
      ],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastHeartbeatTime: heartbeat }],
      images: Array.from({ length: 50 }, (_, n) => ({
        names: [`registry.example/image-${n}`],
        sizeBytes: n,
      })),
    },
  });
}
