import { API_SERVERS } from '../objects/api-servers.ts';
import { ApiError } from './api-error.ts';
import type { Selection } from './client.ts';

/** How the EndpointSlice of the API servers is asked for: as RBAC wants it of who may read that one alone. */
export const API_SERVERS_SELECTION: Selection = {
  namespace: API_SERVERS.namespace,
  fieldSelector: `metadata.name=${API_SERVERS.name}`,
};

/**
 * Whether an API server says that it does not have a kind at all: there are no ServiceCIDRs before Kubernetes 1.33. It
 * is only asked again by a new process. A server that learns of them meanwhile is one that was updated, and its nodes,
 * and what runs on them, come after it.
 *
 * @param wasServed whether the kind could be read before; then it is a server in trouble that says so
 */
export function isUnserved(reason: Error, wasServed: boolean): boolean {
  return !wasServed && reason instanceof ApiError && reason.status === 404;
}

/** Whether it says that the kind is not for us to read. */
export function isForbidden(reason: Error): boolean {
  return reason instanceof ApiError && reason.status === 403;
}
