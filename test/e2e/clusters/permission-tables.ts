/** The identities of deploy/: `namespace/name` of a ServiceAccount. */
export const controller = 'causeway-system/causeway-controller';
export const dns = 'causeway-system/causeway-dns';
export const agent = 'causeway-agent/causeway-agent';
export const west = 'causeway-exports-west/west';
export const north = 'causeway-exports-north/north';

const controllerEverywhere = [
  'clusterproperties.about.k8s.io cluster.clusterset.k8s.io: get',
  'endpointslices.discovery.k8s.io: create delete list patch watch',
  'events.events.k8s.io: create',
  'exportedservices.causeway.dev: list watch',
  'namespaces: list watch',
  'nodes: list watch',
  'remoteclusters.causeway.dev: list watch',
  'remoteclusters.causeway.dev/status: patch',
  'remotenodes.causeway.dev: create delete list patch watch',
  'remotenodes.causeway.dev/status: patch',
  'serviceexports.multicluster.x-k8s.io: list watch',
  'serviceexports.multicluster.x-k8s.io/status: patch',
  'servicecidrs.networking.k8s.io: list watch',
  'serviceimports.multicluster.x-k8s.io/status: patch',
  'serviceimports.multicluster.x-k8s.io: create delete list patch watch',
  'services: create delete list patch watch',
];
const controllerPublishing = controllerEverywhere.map(line =>
  line.startsWith('exportedservices')
    ? 'exportedservices.causeway.dev: create delete list patch watch'
    : line,
);
const dnsEverywhere = [
  'clusterproperties.about.k8s.io cluster.clusterset.k8s.io: list watch',
  'endpointslices.discovery.k8s.io: list watch',
  'namespaces: list watch',
  'remoteclusters.causeway.dev: list watch',
  'serviceimports.multicluster.x-k8s.io: list watch',
  'services: list watch',
];
const agentEverywhere = [
  'clusterproperties.about.k8s.io cluster.clusterset.k8s.io: list watch',
  'endpointslices.discovery.k8s.io kubernetes: list watch',
  'nodes: list patch watch',
  'remoteclusters.causeway.dev: list watch',
  'remotenodes.causeway.dev: list watch',
  'servicecidrs.networking.k8s.io: list watch',
];
const remoteEverywhere = ['clusterproperties.about.k8s.io: get list watch', 'nodes: get list watch'];
const remoteReading = [
  'clusterproperties.about.k8s.io: get list watch',
  'endpointslices.discovery.k8s.io: get list watch',
  'exportedservices.causeway.dev: get list watch',
  'nodes: get list watch',
];

/** All that an identity may do in a namespace, as `permissions` prints it. */
export const allowed = [
  { who: controller, where: 'shop', what: controllerEverywhere },
  { who: controller, where: 'kube-system', what: controllerEverywhere },
  { who: controller, where: 'causeway-exports', what: controllerPublishing },
  { who: controller, where: 'causeway-exports-west', what: controllerPublishing },
  { who: controller, where: 'causeway-imports', what: controllerPublishing },
  {
    who: controller,
    where: 'causeway-system',
    what: [
      ...controllerEverywhere,
      'leases.coordination.k8s.io causeway-controller: get update',
      'leases.coordination.k8s.io: create',
      'secrets: list patch watch',
    ],
  },
  { who: dns, where: 'shop', what: dnsEverywhere },
  { who: dns, where: 'causeway-system', what: dnsEverywhere },
  { who: dns, where: 'causeway-exports', what: dnsEverywhere },
  { who: agent, where: 'shop', what: agentEverywhere },
  { who: agent, where: 'causeway-system', what: agentEverywhere },
  { who: agent, where: 'causeway-agent', what: agentEverywhere },
  { who: west, where: 'shop', what: remoteEverywhere },
  { who: west, where: 'kube-system', what: remoteEverywhere },
  { who: west, where: 'causeway-system', what: remoteEverywhere },
  { who: west, where: 'causeway-imports', what: remoteEverywhere },
  { who: west, where: 'causeway-exports-north', what: remoteEverywhere },
  { who: west, where: 'causeway-exports', what: remoteReading },
  {
    who: west,
    where: 'causeway-exports-west',
    what: [...remoteReading, 'serviceaccounts/token west: create'],
  },
  { who: north, where: 'causeway-exports-west', what: remoteEverywhere },
  {
    who: north,
    where: 'causeway-exports-north',
    what: [...remoteReading, 'serviceaccounts/token north: create'],
  },
];

/** What nobody of ours may do anywhere: each would be a way to more. */
const never = [
  'get secrets in shop',
  'list secrets',
  'list secrets in kube-system',
  'get secrets named causeway-remote-reader in causeway-exports-west',
  'watch secrets in causeway-exports-west',
  'create secrets in causeway-system',
  'update secrets in causeway-system',
  'delete secrets in causeway-system',
  'patch secrets in kube-system',
  'patch secrets in causeway-exports-west',
  'get configmaps in kube-system',
  'patch configmaps named coredns in kube-system',
  'list pods',
  'create pods in causeway-system',
  'create pods/exec in shop',
  'get pods/log in shop',
  'get services/proxy in shop',
  'get nodes/proxy',
  'patch nodes',
  'patch nodes/status',
  'create serviceaccounts/token in causeway-system',
  'create serviceaccounts/token named causeway-controller in causeway-system',
  'create serviceaccounts/token named north in causeway-exports-north',
  'create serviceaccounts/token named default in causeway-exports-west',
  'impersonate users',
  'impersonate serviceaccounts in kube-system',
  'impersonate groups named system:masters',
  'create namespaces',
  'patch namespaces',
  'delete namespaces named shop',
  'update services in shop',
  'patch services/status in shop',
  'deletecollection services in shop',
  'update endpointslices.discovery.k8s.io in shop',
  'deletecollection endpointslices.discovery.k8s.io in shop',
  'patch endpoints in shop',
  'create serviceexports.multicluster.x-k8s.io in shop',
  'patch serviceexports.multicluster.x-k8s.io in shop',
  'delete serviceexports.multicluster.x-k8s.io in shop',
  'create remoteclusters.causeway.dev',
  'patch remoteclusters.causeway.dev',
  'delete remoteclusters.causeway.dev',
  'patch clusterproperties.about.k8s.io named cluster.clusterset.k8s.io',
  'delete clusterproperties.about.k8s.io named cluster.clusterset.k8s.io',
  'create exportedservices.causeway.dev in shop',
  'patch exportedservices.causeway.dev in kube-system',
  'create roles.rbac.authorization.k8s.io in causeway-system',
  'bind clusterroles.rbac.authorization.k8s.io named cluster-admin',
  'escalate clusterroles.rbac.authorization.k8s.io',
  'create rolebindings.rbac.authorization.k8s.io in causeway-exports',
  'create clusterrolebindings.rbac.authorization.k8s.io',
  'patch deployments.apps in causeway-system',
  'create jobs.batch in causeway-system',
  'create mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'patch customresourcedefinitions.apiextensions.k8s.io',
  'approve signers.certificates.k8s.io',
  'create certificatesigningrequests.certificates.k8s.io',
  'update leases.coordination.k8s.io named kube-controller-manager in kube-system',
  'update leases.coordination.k8s.io named another in causeway-system',
  'patch networkpolicies.networking.k8s.io in causeway-system',
];
const writes = (kind: string, where = ''): string[] =>
  ['create', 'update', 'patch', 'delete'].map(verb => `${verb} ${kind}${where}`);
const reads = (kind: string, where = ''): string[] =>
  ['get', 'list', 'watch'].map(verb => `${verb} ${kind}${where}`);

/** What is refused besides. The words are those of `granted`. */
export const refused = [
  {
    who: controller,
    wishes: [
      ...never,
      'get nodes',
      'get nodes named own',
      'get remotenodes.causeway.dev',
      'update remotenodes.causeway.dev',
      'deletecollection remotenodes.causeway.dev',
      'get servicecidrs.networking.k8s.io',
      'get clusterproperties.about.k8s.io named clusterset.k8s.io',
      'list clusterproperties.about.k8s.io',
      'get secrets named east in causeway-system',
      'delete leases.coordination.k8s.io named causeway-controller in causeway-system',
      'create leases.coordination.k8s.io in shop',
      'create exportedservices.causeway.dev in causeway-system',
      'patch events.events.k8s.io in shop',
    ],
  },
  {
    who: dns,
    wishes: [
      ...never,
      ...['services', 'endpointslices.discovery.k8s.io', 'serviceimports.multicluster.x-k8s.io'].flatMap(
        kind => writes(kind, ' in shop'),
      ),
      ...writes('namespaces'),
      ...writes('remotenodes.causeway.dev'),
      ...writes('exportedservices.causeway.dev', ' in causeway-exports'),
      ...reads('exportedservices.causeway.dev', ' in causeway-exports'),
      ...reads('serviceexports.multicluster.x-k8s.io', ' in shop'),
      ...reads('secrets', ' in causeway-system'),
      'patch secrets in causeway-system',
      ...reads('nodes'),
      ...writes('leases.coordination.k8s.io', ' in causeway-system'),
      'list clusterproperties.about.k8s.io',
      'patch remoteclusters.causeway.dev/status',
      'patch serviceimports.multicluster.x-k8s.io/status in shop',
      'create events.events.k8s.io in shop',
    ],
  },
  {
    who: agent,
    wishes: [
      // Which Nodes, and what of them, is not for RBAC to say: see node-policy.yaml.
      ...never.filter(wish => wish !== 'patch nodes'),
      ...writes('nodes').filter(wish => wish !== 'patch nodes'),
      ...writes('remotenodes.causeway.dev'),
      ...writes('remoteclusters.causeway.dev'),
      ...reads('secrets', ' in causeway-system'),
      ...reads('pods', ' in causeway-agent'),
      'create pods in causeway-agent',
      'list services',
      'patch remoteclusters.causeway.dev/status',
      'create events.events.k8s.io in shop',
    ],
  },
  {
    who: west,
    wishes: [
      ...never,
      ...['services', 'namespaces', 'pods', 'events', 'configmaps', 'serviceaccounts'].flatMap(kind =>
        reads(kind),
      ),
      ...['secrets', 'serviceaccounts', 'rolebindings.rbac.authorization.k8s.io'].flatMap(kind =>
        reads(kind, ' in causeway-exports-west'),
      ),
      ...['', ' in shop', ' in causeway-imports', ' in causeway-exports-north', ' in kube-system'].flatMap(
        where => [
          ...reads('endpointslices.discovery.k8s.io', where),
          ...reads('exportedservices.causeway.dev', where),
        ],
      ),
      ...[' in causeway-exports', ' in causeway-exports-west'].flatMap(where => [
        ...writes('exportedservices.causeway.dev', where),
        ...writes('endpointslices.discovery.k8s.io', where),
        `deletecollection exportedservices.causeway.dev${where}`,
      ]),
      ...['nodes', 'remotenodes.causeway.dev', 'clusterproperties.about.k8s.io'].flatMap(kind =>
        writes(kind),
      ),
      'patch secrets in causeway-system',
      ...reads('remoteclusters.causeway.dev'),
      ...reads('remotenodes.causeway.dev'),
      ...reads('serviceexports.multicluster.x-k8s.io', ' in shop'),
      ...reads('serviceimports.multicluster.x-k8s.io', ' in shop'),
      ...reads('leases.coordination.k8s.io', ' in causeway-system'),
    ],
  },
];

export const slices = (namespace: string): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
export const exported = (namespace: string): string =>
  `/apis/causeway.dev/v1alpha1/namespaces/${namespace}/exportedservices`;
export const properties = '/apis/about.k8s.io/v1beta1/clusterproperties';

/** Real requests with real tokens. */
export const requests = [
  { who: west, get: exported('causeway-exports'), status: 200 },
  { who: west, get: slices('causeway-exports'), status: 200 },
  { who: west, get: `${properties}/cluster.clusterset.k8s.io`, status: 404 },
  { who: west, get: '/api/v1/nodes', status: 200 },
  { who: west, get: '/api/v1/services', status: 403 },
  { who: west, get: '/apis/discovery.k8s.io/v1/endpointslices', status: 403 },
  { who: west, get: `${slices('shop')}?labelSelector=a=b`, status: 403 },
  { who: west, get: '/api/v1/namespaces/causeway-exports-west/secrets/causeway-remote-reader', status: 403 },
  { who: west, get: '/api/v1/namespaces/causeway-system/secrets', status: 403 },
  { who: dns, get: '/api/v1/services', status: 200 },
  { who: dns, get: '/apis/discovery.k8s.io/v1/endpointslices?labelSelector=a', status: 200 },
  { who: dns, get: '/apis/multicluster.x-k8s.io/v1alpha1/serviceimports', status: 200 },
  { who: dns, get: '/apis/multicluster.x-k8s.io/v1beta1/serviceimports', status: 200 },
  { who: dns, get: `${properties}?fieldSelector=metadata.name%3Dcluster.clusterset.k8s.io`, status: 200 },
  { who: dns, get: properties, status: 403 },
  { who: dns, get: '/api/v1/namespaces/causeway-system/secrets', status: 403 },
  { who: agent, get: '/api/v1/nodes', status: 200 },
  { who: agent, get: '/api/v1/namespaces/causeway-system/secrets', status: 403 },
  { who: controller, get: '/api/v1/namespaces/causeway-system/secrets', status: 200 },
  { who: controller, get: '/api/v1/namespaces/shop/secrets', status: 403 },
  { who: controller, get: '/api/v1/secrets', status: 403 },
  { who: controller, get: `${properties}/cluster.clusterset.k8s.io`, status: 404 },
  { who: controller, get: exported('causeway-exports-west'), status: 200 },
  { who: controller, get: '/api/v1/nodes', status: 200 },
  { who: controller, get: '/api/v1/nodes/own', status: 403 },
  { who: controller, get: '/apis/networking.k8s.io/v1/servicecidrs', status: 200 },
  { who: dns, get: '/api/v1/nodes', status: 403 },
];
