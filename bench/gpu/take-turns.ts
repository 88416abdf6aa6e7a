import { median } from '../median.ts';
import type { Contender, Entrant, Turn } from './contender.ts';

/** A turn, and when it was: in milliseconds since 1970, as `nvidia-smi` tells the time too. */
export interface TimedTurn extends Turn {
  readonly from: number;
  readonly to: number;
}

/** What came of an entrant. */
export type Outcome =
  | {
      readonly status: 'measured';
      /** Samples a second, the median of the rounds. */
      readonly samplesPerSecond: number;
      /** That of each round, by the fastest bare model's of the same batch in the same round; the median. */
      readonly ofBare?: number;
      readonly turns: readonly TimedTurn[];
    }
  | { readonly status: 'failed'; readonly reason: string };

/**
 * Measures entrants against each other: all are opened, then each has its turn, round by round, so that the machine's moods
 * fall on all alike. One that fails is out, and the others go on.
 *
 * @param options.within how long an entrant may take to open, and a turn to end, beyond its own seconds
 * @param options.isLate asked before an entrant is opened and before a round, but the first: what is late is left out
 * @param options.onTurn called after each turn
 */
export async function takeTurns(options: {
  entrants: readonly Entrant[];
  rounds: number;
  seconds: number;
  within: number;
  isLate: () => boolean;
  onTurn?: (entrant: Entrant, round: number, turn: TimedTurn) => void;
}): Promise<Outcome[]> {
  const { entrants, rounds, seconds, within, isLate, onTurn } = options;
  const faults = new Map<Entrant, string>();
  const contenders = new Map<Entrant, Contender>();
  const turns = new Map<Entrant, TimedTurn[]>(entrants.map((entrant) => [entrant, []]));
  const close = async (entrant: Entrant) => {
    const contender = contenders.get(entrant);
    contenders.delete(entrant);
    // One that can't be closed any more has nothing left to lose.
    await soon(Promise.resolve(contender?.close()), within, 'closed').catch(() => undefined);
  };
  const attempt = async (entrant: Entrant, what: () => Promise<void>) => {
    try {
      await what();
    } catch (error) {
      faults.set(entrant, sentenceOf(error));
      await close(entrant);
    }
  };

  try {
    for (const entrant of entrants) {
      await attempt(entrant, async () => {
        if (isLate()) throw new Error('the time given was up');
        const opening = entrant.open();
        try {
          contenders.set(entrant, await soon(opening, within, 'opened'));
        } catch (error) {
          // It may open yet, and would then be in the others' way.
          void opening.then((contender) => contender.close()).catch(() => undefined);
          throw error;
        }
      });
    }
    for (let round = 0; round < rounds; round++) {
      if (round > 0 && isLate()) break;
      for (const [entrant, contender] of contenders) {
        await attempt(entrant, async () => {
          const from = Date.now();
          const measured = await soon(contender.turn(seconds), within + 1_000 * seconds, 'done with its turn');
          const turn = { ...measured, from, to: Date.now() };
          turns.get(entrant)?.push(turn);
          onTurn?.(entrant, round, turn);
        });
      }
    }
  } finally {
    for (const entrant of [...contenders.keys()]) await close(entrant);
  }

  const rateOf = (entrant: Entrant) =>
    median((turns.get(entrant) ?? []).map(({ samplesPerSecond }) => samplesPerSecond));
  const bare = entrants
    .filter((entrant) => entrant.role === 'bare' && !faults.has(entrant))
    .reduce<Entrant | undefined>((best, each) => (best && rateOf(best) >= rateOf(each) ? best : each), undefined);
  return entrants.map((entrant): Outcome => {
    const reason = faults.get(entrant);
    if (reason !== undefined) return { status: 'failed', reason };
    const own = turns.get(entrant) ?? [];
    const others =
      bare === undefined || bare === entrant || bare.batch !== entrant.batch ? [] : (turns.get(bare) ?? []);
    const ratios = others
      .slice(0, own.length)
      .map((other, round) => own[round].samplesPerSecond / other.samplesPerSecond);
    return {
      status: 'measured',
      samplesPerSecond: rateOf(entrant),
      ...(ratios.length > 0 && { ofBare: median(ratios) }),
      turns: own,
    };
  });
}

/** What is awaited, if it comes in time. */
async function soon<T>(awaited: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it was not ${what} within ${Math.round(milliseconds / 1_000)} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong, on one line. */
function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replace(/\s+/g, ' ');
}
