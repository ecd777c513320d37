/** The version in which Causeway writes each kind that it makes or reads; readers may know others besides. */
export const API_VERSIONS = {
  Service: 'v1',
  Namespace: 'v1',
  Pod: 'v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  ServiceExport: 'multicluster.x-k8s.io/v1beta1',
  ServiceImport: 'multicluster.x-k8s.io/v1beta1',
  ClusterProperty: 'about.k8s.io/v1beta1',
  ExportedService: 'causeway.dev/v1alpha1',
  RemoteCluster: 'causeway.dev/v1alpha1',
} as const;
