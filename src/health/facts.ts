import type { PodObject } from '../objects/pod.ts';

/** A replica of one of Causeway's components, and what it said just now. */
export interface ReplicaFacts {
  readonly pod: PodObject;
  /** What `/readyz` said; `answered: false`: it could not be asked. */
  readonly readiness: Answer;
}

/** What came of asking a pod for a page. */
export type Answer =
  | { readonly answered: true; readonly status: number; readonly text: string }
  | { readonly answered: false; readonly reason: string };

/** One of Causeway's Deployments. */
export interface ComponentFacts {
  /** `controller` */
  readonly component: string;
  /** How many replicas there shall be; undefined: there is no such Deployment. */
  readonly wanted: number | undefined;
  readonly replicas: readonly ReplicaFacts[];
}

/** What a look at a cluster brought to light. */
export interface StatusFacts {
  /** As the operator's kubeconfig calls it. */
  readonly context: string;
  readonly namespace: string;
  readonly components: readonly ComponentFacts[];
}
