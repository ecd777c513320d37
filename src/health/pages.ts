import * as v from 'valibot';
import type { Known } from '../base/known.ts';

/*
 * What the pages of Causeway's programs say, as far as it is looked at here. Those of another version may say more, or
 * less: whatever an older one did not say is optional.
 */

const condition = v.object({
  type: v.string(),
  status: v.picklist(['True', 'False', 'Unknown']),
  reason: v.string(),
  message: v.string(),
});

const reportedSessions = v.object({
  established: v.number(),
  others: v.number(),
  example: v.exactOptional(v.object({ node: v.string(), neighbor: v.string(), state: v.string() })),
});

const reportedRoutes = v.object({
  nodes: v.number(),
  modes: v.record(v.string(), v.number()),
  tunnels: v.object({ answering: v.number(), silent: v.number() }),
  sessions: v.exactOptional(reportedSessions),
  short: v.number(),
  example: v.exactOptional(v.object({ node: v.string(), why: v.string() })),
});

const controllerPage = v.object({
  version: v.optional(v.string()),
  /** The id that it has worked with since it started. */
  cluster: v.optional(v.string()),
  leading: v.boolean(),
  queue: v.optional(
    v.object({ ready: v.number(), running: v.number(), delayed: v.number(), failing: v.number() }),
  ),
  remotes: v.array(
    v.object({
      name: v.string(),
      services: v.number(),
      endpoints: v.optional(v.number()),
      /** RFC 3339. */
      credentialBegins: v.optional(v.string()),
      credentialEnds: v.optional(v.string()),
      lag: v.optional(
        v.object({ last: v.optional(v.number()), waiting: v.number(), longest: v.optional(v.number()) }),
      ),
      /** How the nodes say that they reach its nodes. Absent: none says anything. */
      routes: v.exactOptional(reportedRoutes),
      conditions: v.array(condition),
    }),
  ),
});

const meshPage = v.object({
  version: v.optional(v.string()),
  zone: v.optional(v.string(), 'clusterset.local'),
  synced: v.boolean(),
  stale: v.boolean(),
  /** RFC 3339: since when what is served may be out of date. */
  since: v.optional(v.string()),
  serial: v.number(),
  localCluster: v.optional(v.string()),
  services: v.number(),
  endpoints: v.number(),
});

const service = { namespace: v.string(), name: v.string(), reason: v.string(), message: v.string() };
const conflictsPage = v.object({
  conflicts: v.array(v.object(service)),
  invalidExports: v.array(v.object({ ...service, cluster: v.string() })),
  /** Valid ones that are not published as they ask, by the condition Ready that the controller has written. */
  unreadyExports: v.exactOptional(v.array(v.object(service))),
  /** Those of which something cannot be read, by the condition that says so. */
  partlyIgnoredExports: v.exactOptional(v.array(v.object(service))),
});

/** `/debug/remotes` of the controller. */
export type ControllerPage = v.InferOutput<typeof controllerPage>;
/** `/debug/mesh` of the DNS daemon. */
export type MeshPage = v.InferOutput<typeof meshPage>;
/** `/debug/conflicts` of the controller. */
export type ConflictsPage = v.InferOutput<typeof conflictsPage>;

export const readControllerPage = reader(controllerPage);
export const readMeshPage = reader(meshPage);
export const readConflictsPage = reader(conflictsPage);

function reader<Schema extends v.GenericSchema>(schema: Schema) {
  return (text: string): Known<v.InferOutput<Schema>> => {
    const { success, output } = v.safeParse(schema, parsed(text));
    return success
      ? { value: output }
      : { unknown: 'the page says something else than this version expects' };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
