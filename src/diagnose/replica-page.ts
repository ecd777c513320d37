import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import type { ClusterFacts, ReplicaFacts } from './facts.ts';
import { mapped } from './known.ts';

/** What `/debug/mesh` and `/debug/remotes` say, as far as it is looked at. */
const Page = v.object({
  version: v.optional(v.string()),
  zone: v.optional(v.string()),
  synced: v.optional(v.boolean()),
  stale: v.optional(v.boolean()),
  since: v.nullish(v.union([v.string(), v.number()])),
});
export type ReplicaPage = v.InferOutput<typeof Page>;

/** What the daemons answer for unless they are told otherwise. */
const DEFAULT_ZONE = 'clusterset.local';

export function pageOf({ page }: ReplicaFacts): Known<ReplicaPage> {
  return mapped(page, text => {
    const { success, output } = v.safeParse(Page, parsed(text));
    return success ? output : {};
  });
}

/** The zone that the DNS daemons of a cluster answer for. */
export function zoneOf({ replicas }: ClusterFacts): string {
  for (const replica of 'unknown' in replicas ? [] : replicas.value) {
    const page = pageOf(replica);
    if ('value' in page && page.value.zone !== undefined) return page.value.zone;
  }
  return DEFAULT_ZONE;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
