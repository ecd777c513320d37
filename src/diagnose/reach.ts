import { endpointsOf } from './endpoints.ts';
import { family } from './family.ts';

const FROM_HERE =
  'This is what this machine sees; what the controller in the cluster sees is told by remote.controlplanereachable.';

export const reach = family({
  name: 'reach',
  about: 'the way from this machine to each API server: the name of its host, the connection, the answer',
  checks: {
    'reach.name': 'the host of the API server has an address',
    'reach.connect': 'a TCP connection stands',
    'reach.api': 'the API server answers and lets the credential in',
  },
  messages: {
    NAME_UNKNOWN: {
      check: 'reach.name',
      verdict: 'bad',
      found: 'the host of {server} has no address: {reason}',
      cause: 'The kubeconfig names a host that the DNS of this machine does not know.',
      cure: `Write an address or a name into server that is known here and in the cluster. ${FROM_HERE}`,
    },
    CONNECT_FAILED: {
      check: 'reach.connect',
      verdict: 'bad',
      found: 'no connection to {server}: {reason}',
      cause: 'The API server does not run, listens elsewhere, or a firewall is between it and here.',
      cure: `Check that it runs and that server in the kubeconfig is its address and port. ${FROM_HERE}`,
    },
    API_REFUSED: {
      check: 'reach.api',
      verdict: 'bad',
      found: 'it does not answer this credential: {reason}',
      cause: 'The server is not reached, is no API server, or does not take the credential.',
      cure: 'Do what the other findings about it say; where there are none, get a new credential: `kubectl get --raw /version` must work with it.',
    },
  },
  *judge(facts, say) {
    for (const { about, reach: known, api, heard } of endpointsOf(facts)) {
      if ('unknown' in known) {
        yield say.unknown('reach.name', about, known.unknown);
        continue;
      }
      const { server, addresses, connect } = known.value;
      // An address for pods need not lead anywhere from here, and it is pods that have to get there.
      const beyond = heard && !('value' in connect);
      const elsewhere = (check: 'reach.name' | 'reach.connect' | 'reach.api', reason: string) =>
        say.unknown(check, about, `this machine does not reach ${server}: ${reason}`, ENOUGH);

      if ('value' in addresses)
        yield say.good('reach.name', about, `${server} is ${addresses.value.join(', ')}`);
      else if ('failed' in addresses)
        yield beyond
          ? elsewhere('reach.name', addresses.failed)
          : say.wrong('NAME_UNKNOWN', about, { server, reason: addresses.failed });
      else yield say.unknown('reach.name', about, addresses.unknown);

      if ('value' in connect) yield say.good('reach.connect', about, `connected within ${connect.value} ms`);
      else if ('failed' in connect)
        yield beyond
          ? elsewhere('reach.connect', connect.failed)
          : say.wrong('CONNECT_FAILED', about, { server, reason: connect.failed });
      else yield say.unknown('reach.connect', about, connect.unknown);

      if ('value' in api) yield say.good('reach.api', about, `Kubernetes ${api.value} answers`);
      else if ('failed' in api)
        yield beyond
          ? say.unknown('reach.api', about, 'not tried: there is no connection')
          : say.wrong('API_REFUSED', about, { reason: api.failed });
      else yield say.unknown('reach.api', about, api.unknown);
    }
  },
});

const ENOUGH =
  'nothing: the controller in the cluster gets there; to see the rest as well, run this where the address is reached';
