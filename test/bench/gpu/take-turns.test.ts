import { describe, expect, it } from 'vitest';
import type { Contender, Entrant } from '../../../bench/gpu/contender.ts';
import { takeTurns } from '../../../bench/gpu/take-turns.ts';

/** Notes what is done with it; its turns have the given rates, or fail where there are no more. */
function entrant(what: string, rates: readonly number[], more: Partial<Entrant> & { log?: string[] } = {}): Entrant {
  const { log = [], ...options } = more;
  const left = [...rates];
  const contender: Contender = {
    turn: () => {
      log.push(`${what} turn`);
      const samplesPerSecond = left.shift();
      if (samplesPerSecond === undefined) return Promise.reject(new Error(`${what} fell over\nat once`));
      return Promise.resolve({ samplesPerSecond });
    },
    close: () => void log.push(`${what} close`),
  };
  return { what, batch: 8, precision: 'fp32', open: () => Promise.resolve(contender), ...options };
}

const never = () => false;
const usual = { rounds: 3, seconds: 0.01, within: 1_000, isLate: never };

describe('taking turns', () => {
  it('goes round by round, and closes all', async () => {
    const log: string[] = [];
    const both = [entrant('a', [1, 1], { log }), entrant('b', [1, 1], { log })];
    await takeTurns({ ...usual, entrants: both, rounds: 2 });
    expect(log).toEqual(['a turn', 'b turn', 'a turn', 'b turn', 'a close', 'b close']);
  });

  it('gives each its median rate, and the median ratio to the bare model’s turn of the same round', async () => {
    const bare = entrant('bare', [100, 50, 200], { role: 'bare' });
    const [first, second] = await takeTurns({ ...usual, entrants: [bare, entrant('sampler', [90, 48, 160])] });
    expect(first).toMatchObject({ status: 'measured', samplesPerSecond: 100 });
    expect(first).not.toHaveProperty('ofBare');
    expect(second).toMatchObject({ status: 'measured', samplesPerSecond: 90, ofBare: 0.9 });
  });

  it('compares with the fastest bare model, and only at one batch size', async () => {
    const [, , sampler, other] = await takeTurns({
      ...usual,
      rounds: 1,
      entrants: [
        entrant('slow', [50], { role: 'bare' }),
        entrant('fast', [100], { role: 'bare' }),
        entrant('sampler', [80]),
        entrant('other', [80], { batch: 400 }),
      ],
    });
    expect(sampler).toMatchObject({ ofBare: 0.8 });
    expect(other).not.toHaveProperty('ofBare');
  });

  it('leaves out one that can’t be opened, and one that fails in its turn, with a sentence each', async () => {
    const log: string[] = [];
    const outcomes = await takeTurns({
      ...usual,
      entrants: [
        entrant('closed', [], { open: () => Promise.reject(new Error('no such device')) }),
        entrant('short', [10], { log }),
        entrant('steady', [20, 20, 20]),
      ],
    });
    expect(outcomes).toMatchObject([
      { status: 'failed', reason: 'no such device' },
      { status: 'failed', reason: 'short fell over at once' },
      { status: 'measured', samplesPerSecond: 20 },
    ]);
    expect(log).toEqual(['short turn', 'short turn', 'short close']);
  });

  it('does not wait for one that hangs, and closes it if it opens yet', async () => {
    const log: string[] = [];
    const late = entrant('late', [], { log });
    const slow = () => new Promise<Contender>((resolve) => setTimeout(() => void late.open().then(resolve), 100));
    const [outcome, steady] = await takeTurns({
      ...usual,
      within: 20,
      entrants: [{ ...late, open: slow }, entrant('steady', [20, 20, 20])],
    });
    expect(outcome).toEqual({ status: 'failed', reason: 'it was not opened within 0 s' });
    expect(steady).toMatchObject({ status: 'measured' });
    await expect.poll(() => log).toEqual(['late close']);
  });

  it('begins nothing once the time is up, and keeps what was measured', async () => {
    let asked = 0;
    // In time for both to open, and late for a second round.
    const isLate = () => ++asked > 2;
    const pair = [entrant('a', [5]), entrant('b', [6])];
    expect(await takeTurns({ ...usual, entrants: pair, isLate })).toMatchObject([
      { samplesPerSecond: 5 },
      { samplesPerSecond: 6 },
    ]);
    expect(await takeTurns({ ...usual, entrants: [entrant('c', [7])], isLate })).toEqual([
      { status: 'failed', reason: 'the time given was up' },
    ]);
  });
});
