import { sampleRate } from './sample-rate.ts';

/** What a progress line tells. */
export interface Progress {
  readonly state: string;
  readonly examples: number;
  readonly examplesFinished: number;
  readonly samples: number;
  readonly samplesDone: number;
  /** Whether a finished example may have needed fewer samples than are counted for it. */
  readonly sequential?: boolean;
  readonly note?: string;
}

export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Takes the line away, for other output. */
  clear(): void;
  /** Leaves the last line standing. */
  end(): void;
}

/** Without a terminal, a line now and then: enough for a log. */
const PLAIN_INTERVAL_MS = 10_000;

/**
 * Shows progress with rate and time left: on a terminal as one line that renews itself, elsewhere as plain lines. The
 * line fits the terminal's width.
 */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const live = stream.isTTY;
  const rateOf = sampleRate();
  let lastPlain = -Infinity;
  let lastState = '';
  let shown = '';
  return {
    show: (progress) => {
      const now = performance.now();
      const line = progressLine(progress, rateOf(progress.samplesDone, now));
      if (live) {
        shown = line.slice(0, Math.max(20, stream.columns) - 1);
        stream.write(`\r\u001b[2K${shown}`);
      } else if (progress.state !== lastState || now - lastPlain >= PLAIN_INTERVAL_MS) {
        lastPlain = now;
        stream.write(`${line}\n`);
      }
      lastState = progress.state;
    },
    clear: () => {
      if (live && shown !== '') stream.write('\r\u001b[2K');
      shown = '';
    },
    end: () => {
      if (live && shown !== '') stream.write('\n');
    },
  };
}

function progressLine(
  { state, examples, examplesFinished, samples, samplesDone, sequential, note }: Progress,
  rate: number,
): string {
  if (samples === 0) return `${state}…${note === undefined ? '' : ` ${note}`}`;
  const share = Math.min(100, Math.floor((100 * samplesDone) / samples));
  const parts = [state.padEnd(10), `${String(share).padStart(3)} %`, `${examplesFinished}/${examples} examples`];
  if (Number.isFinite(rate) && rate > 0 && state === 'running') {
    if (sequential !== true) parts.push(`${Math.round(rate).toLocaleString('en')} samples/s`);
    parts.push(`${duration((samples - samplesDone) / rate)} left`);
  }
  if (note !== undefined) parts.push(note);
  return parts.join('  ');
}

/** Seconds as people say them: 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
