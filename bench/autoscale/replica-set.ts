/** What the controller of ReplicaSets looks at. It doesn't know which sampler is at work. */
export interface Ranked {
  /** Stands for its UID. */
  readonly order: number;
  readonly createdAt: number;
  /** Where it was scheduled. */
  readonly node: object | undefined;
  readonly running: boolean;
  readonly readyAt: number | undefined;
}

/**
 * The pods that Kubernetes 1.36 deletes when there are `count` too many: `ActivePodsWithRanks` of
 * `pkg/controller/controller_utils.go` with one pod a node, no deletion costs and no restarts. The unscheduled first,
 * then the not yet running, the not ready, and the youngest, by powers of two of their age.
 */
export function chooseVictims<Pod extends Ranked>(pods: readonly Pod[], count: number, now: number): Pod[] {
  const ageRank = (since: number) => (now > since ? Math.trunc(Math.log2((now - since) * 1e9)) : -1);
  const isScheduled = ({ node }: Ranked) => node !== undefined;
  const isReady = ({ readyAt }: Ranked) => readyAt !== undefined;
  const compared = (a: Ranked, b: Ranked): number => {
    if (isScheduled(a) !== isScheduled(b)) return Number(isScheduled(a)) - Number(isScheduled(b));
    if (a.running !== b.running) return Number(a.running) - Number(b.running);
    if (isReady(a) !== isReady(b)) return Number(isReady(a)) - Number(isReady(b));
    if (a.readyAt !== undefined && b.readyAt !== undefined && a.readyAt !== b.readyAt) {
      return ageRank(a.readyAt) - ageRank(b.readyAt) || a.order - b.order;
    }
    return ageRank(a.createdAt) - ageRank(b.createdAt) || a.order - b.order;
  };
  return [...pods].sort(compared).slice(0, Math.max(0, count));
}
