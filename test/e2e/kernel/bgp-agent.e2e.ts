import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARKS } from '../../../src/routes/model.ts';
import { EAST_CLUSTER, remoteCluster, remoteNode } from '../../kit/routed-node.ts';
import { waitFor } from '../kit/wait.ts';
import { AgentHost } from './agent-host.ts';
import { pidOfBird } from './birds.ts';

describe('causeway agent, on a host of a cluster that reaches another by BGP', () => {
  const west = remoteCluster('west', { spec: 'routingModes: [BGP]' });
  const world = [EAST_CLUSTER, west, remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41')].join('---');
  let host: AgentHost;

  beforeAll(async () => {
    host = await AgentHost.of(world);
  });
  afterAll(() => host.remove());

  test('starts the daemon, tells of its sessions, and leaves it when it ends', async () => {
    const dry = await host.once(['--dry-run']);
    expect(dry).toMatchObject({ code: 0, errors: '' });
    expect(dry.output).toContain('protocol bgp node_172_31_1_41 {');
    expect(pidOfBird(host.birdFolder)).toBeUndefined();
    const agent = host.agent();
    await waitFor(
      'the session is tried',
      () => host.page('/debug/bgp'),
      page => page.includes('"neighbor": "172.31.1.41"') || page.includes('"neighbor":"172.31.1.41"'),
      30_000,
    );
    expect(await host.page('/metrics')).toMatch(
      /^causeway_agent_bgp_sessions\{kind="node",state="\w+"\} 1$/m,
    );
    await waitFor(
      'the Node bears it',
      () => host.api.output(),
      printed => printed.includes('{\\"neighbor\\":\\"172.31.1.41\\",\\"state\\":\\"Down\\"}'),
      30_000,
    );
    expect(await agent.end()).toBe(0);
    expect(pidOfBird(host.birdFolder)).toBeDefined();
  });

  test('--clean ends the daemon, and leaves neither its table nor the rule that leads there', async () => {
    const learnt = `10.21.1.0/24 via 172.31.1.1 dev eth0 proto bird metric 32 table ${MARKS.bgp.table}`;
    await host.node.commands.run('ip', ['route', 'replace', ...learnt.split(' ')]);
    const pid = pidOfBird(host.birdFolder);
    const cleaned = await host.once(['--clean']);
    expect(cleaned).toMatchObject({ code: 0, errors: '' });
    expect(cleaned.output).toContain('# BIRD, the BGP daemon, ends, and its routes go\n');
    await waitFor('the process is gone', () => pid !== undefined && !existsSync(`/proc/${pid}`));
    const { output } = await host.node.commands.run('ip', ['route', 'show', 'table', 'all']);
    expect(output).not.toContain('10.21.1.0/24');
    expect(await host.state()).not.toMatch(/causeway|7795|7796/);
  });
});
