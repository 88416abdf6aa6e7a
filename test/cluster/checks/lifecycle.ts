import { HEARTBEAT_TIMEOUT_MS } from '../../../workflows/types.ts';
import { SHUTDOWN_MS } from '../../../workers/shutdown.ts';
import type { KubernetesObject } from '../support/objects.ts';
import { workers } from '../support/of-kind.ts';

/** The notice of a spot interruption (AWS). */
const SPOT_NOTICE_MS = 120_000;
/** Without one (Kubernetes). */
const DEFAULT_GRACE_S = 30;

/** Heartbeat timeout < shutdown < termination grace < spot notice: what stops first can still say so to what is next. */
export function lifecycle(objects: readonly KubernetesObject[]): string[] {
  return workers(objects).flatMap(({ metadata, spec }) => {
    const grace = (spec.template.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * 1_000;
    const limits = [
      ['the heartbeat timeout', HEARTBEAT_TIMEOUT_MS],
      ["the worker's own limit for ending", SHUTDOWN_MS],
      ['the termination grace period', grace],
      ['the notice of a spot interruption', SPOT_NOTICE_MS],
    ] as const;
    return limits.slice(1).flatMap(([longer, longerMs], i) => {
      const [shorter, shorterMs] = limits[i] ?? ['', 0];
      if (shorterMs < longerMs) return [];
      return [
        `Deployment ${metadata.name}: ${shorter} (${shorterMs} ms) is not shorter than ${longer} (${longerMs} ms)`,
      ];
    });
  });
}
