/** Of blocks, and of addresses of each kind, that one node can have: as many as a RemoteNode takes. */
export const MOST_LISTED = 16;
