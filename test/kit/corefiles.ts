/** Corefiles as distributions and people write them. */

const kubeadm = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

const kind = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

const eks = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

const aks = `.:53 {
    errors
    ready
    health {
      lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
      ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
    import custom/*.override
    template ANY ANY internal.cloudapp.net {
      match "^(?:[^.]+\\.){4,}internal\\.cloudapp\\.net\\.$"
      rcode NXDOMAIN
      fallthrough
    }
    template ANY ANY reddog.microsoft.com {
      rcode NXDOMAIN
    }
}
import custom/*.server
`;

const k3s = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    hosts /etc/coredns/NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    prometheus :9153
    cache 30
    loop
    reload
    loadbalance
    import /etc/coredns/custom/*.override
    forward . /etc/resolv.conf
}
import /etc/coredns/custom/*.server
`;

/** As the ConfigMap holds it: node-local-dns fills the two upstreams in itself. */
const nodeLocal = `cluster.local:53 {
    errors
    cache {
            success 9984 30
            denial 9984 5
    }
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
    prometheus :9253
    health 169.254.20.10:8080
    }
in-addr.arpa:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
    prometheus :9253
    }
ip6.arpa:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
    prometheus :9253
    }
.:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__UPSTREAM__SERVERS__
    prometheus :9253
    }
`;

/** GKE's NodeLocal DNSCache, with a block of its own for a stub domain. */
const gke = `cluster.local:53 {
    errors
    template ANY HINFO . {
        rcode NXDOMAIN
    }
    cache {
        success 9984 30
        denial 9984 5
    }
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    health 169.254.20.10:8080
    forward . 10.96.0.11 {
        force_tcp
        expire 1s
    }
    prometheus 127.0.0.1:9253
}
acme.example:53 {
    errors
    cache 30
    bind 169.254.20.10 10.96.0.10
    forward . 1.2.3.4 {
        force_tcp
    }
    prometheus 127.0.0.1:9253
}
.:53 {
    errors
    cache 30
    reload
    loop
    bind 169.254.20.10 10.96.0.10
    forward . 10.96.0.12 {
        force_tcp
    }
    prometheus 127.0.0.1:9253
}
`;

const handEdited = `# DNS of the cluster. Ask the platform team first!
(common) {
\terrors
\tprometheus 0.0.0.0:9153   # for the old scraper
\tcache 30
}

corp.example:53, 10.0.0.0/8:53,
  dns://lab.example {
\timport common
\tforward . 10.1.2.3 10.1.2.4 {
\t\tpolicy sequential
\t\texcept "old.corp.example"   
\t}
}


.:53 {
\timport common
\tlog . "{remote} {type} \\"{name}\\" {rcode}" {
\t\tclass denial error
\t}
\trewrite name regex (.*)\\.my\\.domain {1}.default.svc.cluster.local
\tkubernetes cluster.local in-addr.arpa ip6.arpa {
\t\tpods insecure
\t\tfallthrough in-addr.arpa ip6.arpa
\t}
\tforward . {$UPSTREAM} 8.8.8.8
\treload
\t# clusterset.local: see ticket 4711
}
`;

export interface Sample {
  readonly name: string;
  readonly text: string;
}

/** As they are delivered. */
export const plainSamples: readonly Sample[] = [
  { name: 'kubeadm', text: kubeadm },
  { name: 'kind', text: kind },
  { name: 'EKS', text: eks },
  { name: 'AKS', text: aks },
  { name: 'k3s', text: k3s },
  { name: 'NodeLocal DNSCache', text: nodeLocal },
  { name: 'GKE', text: gke },
  { name: 'edited by hand', text: handEdited },
];

const spellings: readonly { readonly name: string; readonly spell: (text: string) => string }[] = [
  { name: 'without a final line end', spell: text => text.replace(/\n$/, '') },
  { name: 'with CRLF', spell: text => text.replaceAll('\n', '\r\n') },
  {
    name: 'with CRLF, without a final one',
    spell: text => text.replaceAll('\n', '\r\n').replace(/\r\n$/, ''),
  },
  {
    name: 'with tabs and trailing blanks',
    spell: text => text.replaceAll(/^ +/gm, '\t').replaceAll('\n', ' \t\n'),
  },
  { name: 'with a byte order mark', spell: text => `\uFEFF${text}` },
  { name: 'with blank lines around it', spell: text => `\n\n${text}\n\n\n` },
  { name: 'with a last comment that does not end', spell: text => `${text}# the end` },
];

/** Every one of them by its name. */
export const corefiles = { kubeadm, kind, eks, aks, k3s, nodeLocal, gke, handEdited } as const;

/** All of them, plain first and then in every spelling. */
export const samples: readonly Sample[] = [
  ...plainSamples,
  ...spellings.flatMap(({ name, spell }) =>
    plainSamples.map(sample => ({ name: `${sample.name}, ${name}`, text: spell(sample.text) })),
  ),
];
