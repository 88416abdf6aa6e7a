import type { Certificate } from '../records/certificate.ts';
import type { Summary } from '../records/summary.ts';

type Counted = Pick<Certificate, 'label' | 'status' | 'correct' | 'radius'>;

/** Counts certificates as they come: all of them, and those of each label. */
export function groupCounts(): {
  add: (row: Counted) => void;
  all: GroupCount;
  perClass: () => Summary['perClass'];
} {
  const all = groupCount();
  const byLabel = new Map<number, GroupCount>();
  return {
    all,
    add: (row) => {
      all.add(row);
      let own = byLabel.get(row.label);
      if (own === undefined) byLabel.set(row.label, (own = groupCount()));
      own.add(row);
    },
    perClass: () => [...byLabel].sort(([a], [b]) => a - b).map(([label, group]) => perClass(label, group)),
  };
}

type GroupCount = ReturnType<typeof groupCount>;

/** Counts of some examples, and their mean radius. */
function groupCount() {
  const counts = { examples: 0, certified: 0, abstained: 0, skipped: 0, failed: 0, correct: 0 };
  let sum = 0;
  return {
    counts,
    add: (row: Counted) => {
      counts.examples += 1;
      counts[row.status] += 1;
      if (row.correct) counts.correct += 1;
      sum += row.correct ? row.radius : 0;
    },
    /** ACR (Zhai et al., ICLR 2020): the mean radius, 0 where the certificate isn't correct; summed in the rows' order. */
    averageCertifiedRadius: () => sum / counts.examples,
  };
}

function perClass(label: number, { counts, averageCertifiedRadius }: GroupCount): Summary['perClass'][number] {
  const { examples, certified, correct, abstained } = counts;
  return { label, examples, certified, correct, abstained, averageCertifiedRadius: averageCertifiedRadius() };
}
