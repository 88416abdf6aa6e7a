import type { Behavior } from './hpa.ts';

/** What becomes of the metric of a trigger that can't be read, `failureThreshold` times in a row. */
export type Fallback =
  /** As many replicas as this, by that trigger. */
  | {
      readonly behavior: 'static' | 'currentReplicasIfHigher';
      readonly failureThreshold: number;
      readonly replicas: number;
    }
  /** The formula does without it. */
  | { readonly behavior: 'scalingModifiers'; readonly failureThreshold: number };

/** How samplers are scaled: what a ScaledObject says, and the node pool. */
export interface Design {
  readonly name: string;
  readonly pollingInterval: number;
  readonly cooldownPeriod: number;
  readonly maxReplicaCount: number;
  /** Of waiting tasks, one sampler for so many. */
  readonly waitingPerSampler: number;
  /** Whether used slots count as well: a sampler for each. */
  readonly slots: boolean;
  readonly includeRunningWorkflowCount?: boolean;
  readonly fallback?: Fallback;
  readonly behavior: Behavior;
  /** Of a node, after its last pod. */
  readonly consolidateAfterSeconds: number;
}
