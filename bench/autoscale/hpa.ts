/** As `spec.behavior` of an autoscaling/v2 HorizontalPodAutoscaler. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
}

export interface Behavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** What the API server fills in where nothing is said. */
export const defaultBehavior: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
};

/** An external metric with a target of type AverageValue; no value where it could not be had. */
export interface Metric {
  readonly value: number | undefined;
  readonly target: number;
}

export interface Hpa {
  /** One look of the controller: how many replicas it sets. */
  sync(look: { now: number; replicas: number; statusReplicas: number; metrics: readonly Metric[] }): number;
}

/** The controller's `--horizontal-pod-autoscaler-tolerance`. */
const TOLERANCE = 0.1;

/**
 * The algorithm of Kubernetes 1.36's controller for external metrics, rule by rule (`pkg/controller/podautoscaler`:
 * `reconcileAutoscaler`, `computeReplicasForMetrics`, `GetExternalPerPodMetricReplicas`,
 * `stabilizeRecommendationWithBehaviors`, `convertDesiredReplicasWithBehaviorRate`), with times in seconds.
 */
export function createHpa({
  minReplicas,
  maxReplicas,
  behavior,
}: {
  minReplicas: number;
  maxReplicas: number;
  behavior: Behavior;
}): Hpa {
  let recommendations: Stamped[] | undefined;
  let ups: Stamped[] = [];
  let downs: Stamped[] = [];

  /** The least of the upper window or the most of the lower one, of what the metrics asked for. */
  const stabilized = (now: number, replicas: number, desired: number) => {
    const upCutoff = now - behavior.scaleUp.stabilizationWindowSeconds;
    const downCutoff = now - behavior.scaleDown.stabilizationWindowSeconds;
    let up = desired;
    let down = desired;
    for (const { at, count } of recommendations ?? []) {
      if (at > upCutoff) up = Math.min(up, count);
      if (at > downCutoff) down = Math.max(down, count);
    }
    recommendations = (recommendations ?? []).filter(({ at }) => at >= Math.min(upCutoff, downCutoff));
    recommendations.push({ at: now, count: desired });
    return Math.min(Math.max(replicas, up), down);
  };
  const limited = (now: number, replicas: number, desired: number) => {
    const events = { now, replicas, ups, downs };
    if (desired > replicas) {
      const limit = Math.max(replicas, limitUp(behavior.scaleUp, events));
      return Math.min(desired, maxReplicas, limit);
    }
    if (desired < replicas) {
      const limit = Math.min(replicas, limitDown(behavior.scaleDown, events));
      return Math.max(desired, minReplicas, limit);
    }
    return desired;
  };
  const proposed = (now: number, replicas: number, statusReplicas: number, metrics: readonly Metric[]) => {
    if (replicas === 0) return replicas;
    if (replicas > maxReplicas) return maxReplicas;
    if (replicas < minReplicas) return minReplicas;
    const asked = askedFor(metrics, replicas, statusReplicas);
    return asked === undefined ? replicas : limited(now, replicas, stabilized(now, replicas, asked));
  };
  return {
    sync: ({ now, replicas, statusReplicas, metrics }) => {
      recommendations ??= [{ at: now, count: replicas }];
      const next = proposed(now, replicas, statusReplicas, metrics);
      const recent = ({ at }: Stamped) => at > now - LONGEST_PERIOD_S;
      if (next > replicas) ups = [...ups.filter(recent), { at: now, count: next - replicas }];
      if (next < replicas) downs = [...downs.filter(recent), { at: now, count: replicas - next }];
      return next;
    },
  };
}

interface Stamped {
  readonly at: number;
  readonly count: number;
}

/** The API server takes no longer period. */
const LONGEST_PERIOD_S = 1_800;

/** The most that a metric asks for; undefined where none can be had, or some can't and the others ask for fewer. */
function askedFor(metrics: readonly Metric[], replicas: number, statusReplicas: number): number | undefined {
  let most = 0;
  let missing = 0;
  for (const { value, target } of metrics) {
    if (value === undefined) missing++;
    else {
      const ratio = value / (target * statusReplicas);
      const within = 1 - TOLERANCE <= ratio && ratio <= 1 + TOLERANCE;
      most = Math.max(most, within ? statusReplicas : Math.ceil(value / target));
    }
  }
  return missing === metrics.length || (missing > 0 && most < replicas) ? undefined : most;
}

interface Events {
  readonly now: number;
  readonly replicas: number;
  readonly ups: readonly Stamped[];
  readonly downs: readonly Stamped[];
}

/** The replicas that there were when a policy's period began. */
function atPeriodStart({ now, replicas, ups, downs }: Events, periodSeconds: number): number {
  const within = (events: readonly Stamped[]) =>
    events.filter(({ at }) => at > now - periodSeconds).reduce((sum, { count }) => sum + count, 0);
  return replicas - within(ups) + within(downs);
}

function limitUp({ selectPolicy, policies }: ScalingRules, events: Events): number {
  if (selectPolicy === 'Disabled') return events.replicas;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = atPeriodStart(events, periodSeconds);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function limitDown({ selectPolicy, policies }: ScalingRules, events: Events): number {
  if (selectPolicy === 'Disabled') return events.replicas;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = atPeriodStart(events, periodSeconds);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}
