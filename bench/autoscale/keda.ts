import type { Design } from './design.ts';
import type { Metric } from './hpa.ts';

/** What KEDA can see of the world. */
export interface Sources {
  /** Tasks that nobody works on. */
  readonly waiting: () => number;
  /** Undefined where Prometheus doesn't answer. */
  readonly usedSlots: () => number | undefined;
  readonly workflowsRun: () => boolean;
  readonly replicas: () => number;
}

export interface Keda {
  /** The answer to the HPA, which asks the sources anew. */
  metrics(): Metric[];
  /** One look of the operator: to one replica or to none, where that is its business; undefined where it isn't. */
  poll(now: number): 0 | 1 | undefined;
}

/**
 * KEDA 2.21 with a temporal and perhaps a prometheus trigger (`pkg/scaling/executor/scale_scaledobjects.go`,
 * `pkg/fallback/fallback.go`, `pkg/scaling/scale_handler.go`). The operator alone takes the steps between 0 and 1, by whether a
 * trigger is active; the HPA does the rest. A trigger in its fallback is active.
 */
export function createKeda(design: Design, sources: Sources): Keda {
  const { waitingPerSampler, slots, fallback, cooldownPeriod, includeRunningWorkflowCount } = design;
  let failures = 0;
  let lastActive: number | undefined;

  const readSlots = (): { value: number | undefined; fellBack: boolean } => {
    const value = sources.usedSlots();
    failures = value === undefined ? failures + 1 : 0;
    if (value !== undefined || fallback === undefined || failures <= fallback.failureThreshold) {
      return { value, fellBack: false };
    }
    if (fallback.behavior === 'scalingModifiers') return { value: 0, fellBack: false };
    const { behavior, replicas } = fallback;
    const held = behavior === 'static' ? replicas : Math.max(replicas, sources.replicas());
    return { value: held, fellBack: true };
  };
  const isActive = (used: { value: number | undefined; fellBack: boolean } | undefined) =>
    sources.waiting() > 0 ||
    (includeRunningWorkflowCount === true && sources.workflowsRun()) ||
    used?.fellBack === true ||
    (used?.value ?? 0) > 0;
  return {
    metrics: () => {
      const waiting = { value: sources.waiting(), target: waitingPerSampler };
      if (!slots) return [waiting];
      const { value } = readSlots();
      // A formula has no value where a part of it has none.
      const lost = value === undefined && fallback?.behavior === 'scalingModifiers';
      return [lost ? { ...waiting, value: undefined } : waiting, { value, target: 1 }];
    },
    poll: (now) => {
      const used = slots ? readSlots() : undefined;
      const isError = slots && used?.value === undefined;
      const active = isActive(used) && !(isError && fallback?.behavior === 'scalingModifiers');
      const replicas = sources.replicas();
      if (active) {
        if (replicas > 0 && isError) return undefined;
        lastActive = now;
        return replicas === 0 ? 1 : undefined;
      }
      if (isError || replicas === 0) return undefined;
      return lastActive === undefined || now - lastActive > cooldownPeriod ? 0 : undefined;
    },
  };
}
