import type { Diagnosis } from '../views/diagnose.ts';
import { endpointsOf } from './endpoints.ts';
import type { TlsFacts } from './facts.ts';
import { family, type Say } from './family.ts';

/** RFC 5280 section 4.2.1.12. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USAGE = '2.5.29.37.0';

const DAY = 86_400_000;
/** Days before its end from which a certificate is a warning. */
const SOON = 14;

/** Of dates and of what a certificate may be used for: told by checks of their own. */
const TOLD_ELSEWHERE = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'INVALID_PURPOSE'];

const checks = {
  'tls.handshake': 'TLS comes about: version and cipher',
  'tls.chain': 'the certificate is signed by the authority that the kubeconfig trusts',
  'tls.name': 'the certificate bears the name or address that is connected to',
  'tls.usage': 'the certificate may be used by a server',
  'tls.validity': 'the certificate is valid now, and for a while',
} as const;

const messages = {
  TLS_FAILED: {
    check: 'tls.handshake',
    verdict: 'bad',
    found: 'no TLS with {server}: {reason}',
    cause: 'What listens there speaks no TLS, none newer than 1.1, or refuses the client certificate.',
    cure: 'Check host and port of server in the kubeconfig, and what stands between: a proxy must pass TLS through.',
  },
  TLS_UNVERIFIED: {
    check: 'tls.chain',
    verdict: 'warning',
    found: 'nothing is verified: the kubeconfig says insecure-skip-tls-verify',
    cause: 'Whoever sits between this machine and the API server can read and change everything.',
    cure: 'Put the authority of the API server into certificate-authority-data and remove insecure-skip-tls-verify.',
  },
  TLS_CHAIN_UNTRUSTED: {
    check: 'tls.chain',
    verdict: 'bad',
    found: 'the certificate "{subject}", issued by "{issuer}", does not lead to {authority}: {fault}',
    cause:
      'The authority was renewed, the kubeconfig is of another cluster, or a proxy in between shows its own certificate.',
    cure: "Put the present authority of that API server (`kubectl config view --raw` with a context that works) into certificate-authority-data; `causeway connect` writes a RemoteCluster's anew.",
  },
  TLS_NAME_WRONG: {
    check: 'tls.name',
    verdict: 'bad',
    found: 'the certificate is not for {name}, but for {names}',
    cause:
      "The API server is reached by an address that its certificate does not bear: a load balancer's, or one that was added later.",
    cure: 'Use one of these names in server, set tls-server-name to one of them, or have the API server issue a certificate with this name.',
  },
  TLS_USAGE_WRONG: {
    check: 'tls.usage',
    verdict: 'bad',
    found: 'the certificate is not for servers; its extended key usage is {usages}',
    cause: 'It was issued as a client certificate: the authority was given the wrong profile.',
    cure: 'Issue it again with the extended key usage serverAuth (1.3.6.1.5.5.7.3.1).',
  },
  TLS_EXPIRED: {
    check: 'tls.validity',
    verdict: 'bad',
    found: 'the certificate ended at {time}, {days} days ago',
    cause: 'It was not renewed in time, or the clock of this machine is wrong: see clock.skew.',
    cure: 'Renew it (kubeadm: `kubeadm certs renew apiserver`) and restart the API server.',
  },
  TLS_NOT_YET_VALID: {
    check: 'tls.validity',
    verdict: 'bad',
    found: 'the certificate is valid from {time} on only',
    cause: 'The clock of this machine, or of the one that issued it, is wrong: see clock.skew.',
    cure: 'Set the clocks by NTP.',
  },
  TLS_ENDS_SOON: {
    check: 'tls.validity',
    verdict: 'warning',
    found: 'the certificate ends in {days} days, at {time}',
    cause: 'Nothing has renewed it yet.',
    cure: 'Renew it before that: afterwards no other cluster reads this one.',
  },
} as const;

type TlsSay = Say<keyof typeof checks, typeof messages>;

export const tls = family({
  name: 'tls',
  about: 'the certificate of each API server against what the kubeconfig says, as seen from this machine',
  checks,
  messages,
  *judge(facts, say) {
    for (const { about, reach } of endpointsOf(facts)) {
      if ('unknown' in reach) {
        yield say.unknown('tls.handshake', about, reach.unknown);
        continue;
      }
      const { server, tls: found } = reach.value;
      if ('value' in found) {
        const { version, cipher } = found.value;
        yield say.good('tls.handshake', about, `${version}, ${cipher}`);
        yield* certificateFindings(found.value, about, facts.now, say);
      } else if ('failed' in found) yield say.wrong('TLS_FAILED', about, { server, reason: found.failed });
      else yield say.unknown('tls.handshake', about, found.unknown);
    }
  },
});

function* certificateFindings(
  found: TlsFacts,
  about: string,
  now: number,
  say: TlsSay,
): Generator<Diagnosis> {
  const { name, names, nameFits, usages } = found;
  yield chain(found, about, now, say);
  yield nameFits
    ? say.good('tls.name', about, `it is for ${name}`)
    : say.wrong('TLS_NAME_WRONG', about, { name, names: names || 'no name at all' });
  const serves = usages.length === 0 || usages.some(usage => usage === SERVER_AUTH || usage === ANY_USAGE);
  yield serves
    ? say.good('tls.usage', about, usages.length === 0 ? 'it is not restricted' : 'serverAuth')
    : say.wrong('TLS_USAGE_WRONG', about, { usages: usages.join(', ') });
  yield validity(found, about, now, say);
}

function chain(found: TlsFacts, about: string, now: number, say: TlsSay): Diagnosis {
  const { authority, chainFault: fault, subject, issuer, begins, ends } = found;
  if (authority === 'nobody') return say.wrong('TLS_UNVERIFIED', about, {});
  const trusted =
    authority === 'kubeconfig' ? 'the authority in the kubeconfig' : 'an authority of this system';
  const leaf = now < begins || now > ends;
  const elsewhere = fault === 'INVALID_PURPOSE' || (leaf && TOLD_ELSEWHERE.includes(fault ?? ''));
  if (fault === undefined || elsewhere) return say.good('tls.chain', about, `it leads to ${trusted}`);
  return say.wrong('TLS_CHAIN_UNTRUSTED', about, { subject, issuer, authority: trusted, fault });
}

function validity({ begins, ends }: TlsFacts, about: string, now: number, say: TlsSay): Diagnosis {
  const time = (at: number) => new Date(at).toISOString();
  const days = Math.floor(Math.abs(ends - now) / DAY);
  if (now < begins) return say.wrong('TLS_NOT_YET_VALID', about, { time: time(begins) });
  if (now > ends) return say.wrong('TLS_EXPIRED', about, { time: time(ends), days });
  if (days < SOON) return say.wrong('TLS_ENDS_SOON', about, { time: time(ends), days });
  return say.good('tls.validity', about, `${days} days left, until ${time(ends)}`);
}
