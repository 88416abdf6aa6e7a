import type { Fit, LatticeAudit } from '../certification/exchange/lattice-audit.ts';
import { formatRadius } from '../certification/report/format-radius.ts';
import { groupThousands } from '../certification/report/group-thousands.ts';

const HEADINGS = ['n', 'alpha', 'greatest', 'rounded', 'floored', 'runner-up'];
const GAP = '   ';

/** The lattice audit of a file as a table for a terminal of 80 columns, with a line that tells how to read it. */
export function latticeTable({ radii, greatest, asked, findings }: LatticeAudit): string {
  const runnerUp = findings.filter(({ bound }) => bound === 'runner-up');
  const rows = findings
    .filter(({ bound }) => bound === 'clopper-pearson')
    .map((finding) => {
      const beside = runnerUp.find(({ n, alpha }) => n === finding.n && alpha === finding.alpha);
      return [
        groupThousands(finding.n),
        String(finding.alpha),
        formatRadius(finding.greatest, 4),
        fitText(finding.fit.rounded),
        fitText(finding.fit.floored),
        ...(beside ? [fitText(beside.fit.floored)] : []),
      ];
    });
  const lines = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return [
    `${radii} distinct radii above 0${greatest ? `, the greatest ${greatest.text} (of ${greatest.examples})` : ''}`,
    ...(asked ? ['They are round, as those of a grid that was asked for: they tell nothing.'] : []),
    '',
    ...lines.map((line) => line.map((cell, at) => cell.padStart(widths[at])).join(GAP)),
    '',
    'greatest: the radius where all n samples agree. A number of a column says how',
    'many radii stand where the lattice is coarse, and fit; "not" names the greatest',
    'radius that it has not. rounded: as certify.py prints; floored: as exports of',
    'runs do; runner-up: floored, with the bound on the runner-up class.',
  ].join('\n');
}

function fitText(fit: Fit): string {
  return fit.fits ? `fits, ${fit.telling}` : `not ${fit.radius}`;
}
