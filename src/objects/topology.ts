import * as v from 'valibot';
import { isSubdomain, must, text } from './fields.ts';
import { isLabelValue } from './labels.ts';
import { type Problems, show } from './problem.ts';
import type { EndpointTopology } from './shapes.ts';

const flag = v.nullish(v.boolean(must('true or false')));

/** The conditions of an endpoint beside `ready`. */
export const topologyConditions = { serving: flag, terminating: flag };
/** Where an endpoint is. */
export const topologyFields = { zone: v.nullish(text), nodeName: v.nullish(text) };

export interface RawTopology {
  readonly conditions?:
    | { readonly serving?: boolean | null | undefined; readonly terminating?: boolean | null | undefined }
    | null
    | undefined;
  readonly zone?: string | null | undefined;
  readonly nodeName?: string | null | undefined;
}

/**
 * The topologies in use, by what they say: a node's endpoints have one and the same, and 250,000 endpoints with an
 * object each would be 20 MB more. Two equal ones that are not one object do no harm, so it may be emptied when it is
 * full.
 */
const SHARED = new Map<string, EndpointTopology>();
const MOST_SHARED = 4096;

/** Undefined where nothing is said, or where what is said was not kept. */
export function readTopology(
  raw: RawTopology,
  field: string,
  problems: Problems,
): EndpointTopology | undefined {
  const serving = raw.conditions?.serving ?? undefined;
  const terminating = raw.conditions?.terminating ?? undefined;
  const zone = readPlace(raw.zone, isLabelValue, `${field}.zone`, problems);
  const nodeName = readPlace(raw.nodeName, isSubdomain, `${field}.nodeName`, problems);
  if (serving === undefined && terminating === undefined && !zone && !nodeName) return undefined;
  // None of the parts can hold a space.
  const key = `${serving} ${terminating} ${zone} ${nodeName}`;
  const known = SHARED.get(key);
  if (known !== undefined) return known;
  const topology: EndpointTopology = Object.freeze({
    ...(serving === undefined ? {} : { serving }),
    ...(terminating === undefined ? {} : { terminating }),
    ...(zone === undefined ? {} : { zone }),
    ...(nodeName === undefined ? {} : { nodeName }),
  });
  if (SHARED.size === MOST_SHARED) SHARED.clear();
  SHARED.set(key, topology);
  return topology;
}

/** Slices that are made of this one bear it, and no API server takes a slice with another. */
function readPlace(
  found: string | null | undefined,
  isValid: (text: string) => boolean,
  field: string,
  problems: Problems,
): string | undefined {
  if (!found) return undefined;
  if (isValid(found)) return found;
  return problems.warn(field, `found ${show(found)}: cannot be the name of one; it is left out`);
}
