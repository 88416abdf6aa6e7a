import type { RunFate } from '../certification/retention/collect-garbage.ts';
import type { GoReason, StayReason } from '../certification/retention/decide-retention.ts';
import { sizeText } from './size-text.ts';

const WIDTH = 80;
/** As wide as a run's id that is made from the time, and somewhat wider for those of audits. */
const RUN_WIDTH = 32;
const HOUR_MS = 3_600_000;
/** From so many hours on an age is told in days. */
const HOURS_TOLD = 48;

/** A line of the table above those of runs. */
export const garbageHeader = line({ age: 'age', size: 'size', run: 'run', why: 'why' });

/** A run's line: its age, size and id, and why it stays or goes. */
export function garbageLine(fate: RunFate, { now, keep }: { now: Date; keep: string }): string {
  const age = ageText(now.getTime() - fate.lastWritten.getTime());
  return line({ age, size: sizeText(fate.bytes), run: fate.run, why: reasonText(fate, keep) });
}

/** What the end of the table says: how many runs and bytes stay, go, or went. */
export function garbageTotals(fates: readonly RunFate[], removed: boolean): string {
  const of = (...kinds: RunFate['fate'][]) => {
    const some = fates.filter(({ fate }) => kinds.includes(fate));
    return `${some.length} ${some.length === 1 ? 'run' : 'runs'} (${sizeText(some.reduce((sum, { bytes }) => sum + bytes, 0))})`;
  };
  if (!removed) return `${of('stays')} would stay, ${of('goes')} would go. Nothing was deleted: --delete does it.`;
  const refused = fates.some(({ fate }) => fate === 'refused') ? `, ${of('refused')} could not be deleted` : '';
  return `${of('stays')} stayed, ${of('deleted', 'gone')} deleted${refused}.`;
}

/** Why a run stays or goes, in few words. */
export function reasonText({ fate, reason }: { fate: RunFate['fate']; reason: StayReason | GoReason }, keep: string) {
  if (fate === 'gone') return 'deleted by somebody else';
  if (fate === 'refused') return 'could not be deleted';
  switch (reason.kind) {
    case 'signed':
      return 'signed';
    case 'young':
      return `younger than ${keep}`;
    case 'underWay':
      return 'under way';
    case 'noRun':
      return 'has no plan: not a run';
    case 'baseline':
      return `baseline of ${reason.line}`;
    case 'nextBaseline':
      return `next baseline of ${reason.line}`;
    case 'audited':
      return `young audit of ${reason.line}`;
    case 'studied':
      return `of study ${reason.study}`;
    case 'old':
      return `older than ${keep}`;
    case 'unfinished':
      return `unfinished, older than ${keep}`;
  }
}

function ageText(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / HOUR_MS));
  return hours < HOURS_TOLD ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** Within `WIDTH` columns: where an id or a reason is long, the reason is on a line of its own, shortened at need. */
function line({ age, size, run, why }: { age: string; size: string; run: string; why: string }): string {
  const start = `${age.padStart(6)}  ${size.padStart(8)}  `;
  const whole = `${start}${run.padEnd(RUN_WIDTH)}  ${why}`;
  if (whole.length <= WIDTH) return `${whole}\n`;
  const room = WIDTH - start.length;
  return `${start}${run}\n${' '.repeat(start.length)}${why.length <= room ? why : `${why.slice(0, room - 1)}…`}\n`;
}
