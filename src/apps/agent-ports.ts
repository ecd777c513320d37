import type { AgentConfig } from './agent-settings.ts';
import type { TakenPort } from './ports.ts';

/** What the kernel, the BGP daemon and the agent itself listen on. On 179 only routers do, which are asked there. */
export function agentPorts(config: AgentConfig): TakenPort[] {
  const { vxlanPort, wireguardPort, bgpPort, probePort, httpListen } = config;
  return [
    { setting: 'vxlanPort', protocols: ['UDP'], port: vxlanPort },
    { setting: 'wireguardPort', protocols: ['UDP'], port: wireguardPort },
    { setting: 'wireguardPort', protocols: ['UDP'], port: wireguardPort + 1, after: wireguardPort },
    { setting: 'bgpPort', protocols: ['TCP'], port: bgpPort },
    { setting: 'probePort', protocols: ['UDP', 'TCP'], port: probePort },
    { setting: 'httpListen', protocols: ['TCP'], ...httpListen },
  ];
}
