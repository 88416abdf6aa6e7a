import type { Timeline } from './timeline.ts';

/** From a pod that waits to a node of its own with driver and image: 3 to 5 minutes where it has to be bought. */
const NODE_S = { least: 180, most: 300 } as const;
/** Between the notice of a spot interruption and the end of the node. */
const SPOT_NOTICE_S = 120;

export interface GpuNode {
  readonly boughtAt: number;
  /** It is going away. */
  ending: boolean;
  occupied: boolean;
  /** Where it is to be given back unless a pod comes. */
  keep: () => void;
}

export interface GpuNodes {
  /** A node that is there and empty. */
  free(): GpuNode | undefined;
  /** Buys one; there are never more than the limit. */
  buy(): void;
  /** How many are bought and not there yet. */
  coming(): number;
  occupy(node: GpuNode): void;
  /** Its pod is gone. */
  release(node: GpuNode): void;
  /** Of all nodes, from the purchase to the end. */
  billedSeconds(): number;
}

/** Nodes with one GPU each, as Karpenter buys them for pods that wait and gives them back when they are empty. */
export function createGpuNodes({
  timeline,
  random,
  limit,
  consolidateAfterSeconds,
  spotMeanHours,
  onChange,
  onInterruption,
}: {
  timeline: Timeline;
  random: () => number;
  limit: number;
  consolidateAfterSeconds: number;
  /** Between two interruptions of a node; none where it isn't given. */
  spotMeanHours: number | undefined;
  /** There is one more, or room for one more. */
  onChange: () => void;
  onInterruption: (node: GpuNode) => void;
}): GpuNodes {
  const nodes = new Set<GpuNode>();
  let coming = 0;
  let billed = 0;

  const end = (node: GpuNode) => {
    if (!nodes.delete(node)) return;
    billed += timeline.now() - node.boughtAt;
    onChange();
  };
  const becomeEmpty = (node: GpuNode) => {
    node.occupied = false;
    node.keep = timeline.after(consolidateAfterSeconds, () => {
      end(node);
    });
  };
  const interrupt = (node: GpuNode) => {
    if (!nodes.has(node)) return;
    node.ending = true;
    onInterruption(node);
    timeline.after(SPOT_NOTICE_S, () => {
      end(node);
    });
  };
  return {
    free: () => [...nodes].find(({ occupied, ending }) => !occupied && !ending),
    coming: () => coming,
    buy: () => {
      if (nodes.size + coming >= limit) return;
      coming++;
      const boughtAt = timeline.now();
      timeline.after(NODE_S.least + (NODE_S.most - NODE_S.least) * random(), () => {
        coming--;
        const node: GpuNode = { boughtAt, ending: false, occupied: false, keep: () => undefined };
        nodes.add(node);
        becomeEmpty(node);
        if (spotMeanHours !== undefined) {
          timeline.after(-Math.log(1 - random()) * spotMeanHours * 3_600, () => {
            interrupt(node);
          });
        }
        onChange();
      });
    },
    occupy: (node) => {
      node.occupied = true;
      node.keep();
    },
    release: becomeEmpty,
    billedSeconds: () => billed + [...nodes].reduce((sum, { boughtAt }) => sum + timeline.now() - boughtAt, 0),
  };
}
