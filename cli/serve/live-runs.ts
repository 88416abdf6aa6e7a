import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import type { Store } from '../../certification/storage/store.ts';
import { connectClient, type TemporalFlags } from '../connect.ts';
import { fetchStatus, findRun, listRuns, placeOf, RUNS_UNDER_WAY, type RunStatus } from '../runs.ts';
import { sampleRate, type SampleRate } from '../sample-rate.ts';

/** What Temporal said, or why it said nothing, as one sentence. */
export type Live<T> = { readonly value: T } | { readonly unavailable: string };

/** A run that is under way in the store that is served. */
export interface UnderWay {
  readonly run: string;
  readonly startedAt: string;
}

/** How far a run is, and how fast it goes: not finite where that isn't known yet. */
export interface LiveStatus extends RunStatus {
  readonly samplesPerSecond: number;
}

/** What Temporal knows of the runs of a store. */
export interface LiveRuns {
  /** Those under way, the newest first. */
  underWay(): Promise<Live<readonly UnderWay[]>>;
  /** How far one is; undefined where Temporal knows none of that id in this store. */
  statusOf(run: string): Promise<Live<LiveStatus | undefined>>;
  close(): Promise<void>;
}

/** A page is not kept waiting for longer: a list is one question, a run's status one for each of its ranges. */
const LIST_PATIENCE_MS = 2_000;
const STATUS_PATIENCE_MS = 5_000;
/** Pages wait for it, and so does whoever ends the server meanwhile. */
const CONNECT_TIMEOUT_MS = 1_500;
/** So long a server that couldn't be reached isn't asked again. */
const RECONNECT_MS = 10_000;
/** Several pages that look at one run ask once; a status asks each range, and of a large run it takes longer. */
const FRESH_MS = 1_000;
const FRESH_TIMES_TAKEN = 5;
/** Runs whose rate is remembered. */
const MAX_WATCHED = 200;
/** Runs under way that are looked through, of all stores. */
const MAX_LISTED = 200;

/** The live runs of a server that is told not to ask Temporal. */
export function noLiveRuns(unavailable: string): LiveRuns {
  return {
    underWay: () => Promise.resolve({ unavailable }),
    statusOf: () => Promise.resolve({ unavailable }),
    close: () => Promise.resolve(),
  };
}

/** Asks Temporal, which may come and go: it is connected to when it is there. */
export function temporalRuns({ store, flags }: { store: Store; flags: TemporalFlags }): LiveRuns {
  const connection = reconnecting(flags);
  const isHere = (out: unknown) => typeof out === 'string' && sameStore(out, store);
  const watched = new Map<
    string,
    { at: number; took: number; rate: SampleRate; status: Live<LiveStatus | undefined> }
  >();
  const asking = new Map<string, Promise<Live<LiveStatus | undefined>>>();

  const ask = async (run: string): Promise<Live<LiveStatus | undefined>> => {
    const before = watched.get(run);
    const at = performance.now();
    if (before !== undefined && at - before.at < Math.max(FRESH_MS, FRESH_TIMES_TAKEN * before.took)) {
      return before.status;
    }
    const rate = before?.rate ?? sampleRate();
    const status = await connection.use(
      `run ${run}`,
      STATUS_PATIENCE_MS,
      async (client): Promise<LiveStatus | undefined> => {
        if (!isHere(await placeOf(client, run))) return undefined;
        const found = await fetchStatus(client, await findRun(client, run));
        return { ...found, samplesPerSecond: rate(found.samplesDone) };
      },
    );
    watched.delete(run);
    watched.set(run, { at: performance.now(), took: performance.now() - at, rate, status });
    const [oldest] = watched.keys();
    if (watched.size > MAX_WATCHED) watched.delete(oldest);
    return status;
  };

  return {
    underWay: () =>
      connection.use('the runs under way', LIST_PATIENCE_MS, async (client) => {
        const found: UnderWay[] = [];
        let listed = 0;
        for await (const { run, startedAt, out } of listRuns(client, RUNS_UNDER_WAY)) {
          if (isHere(out)) found.push({ run, startedAt });
          if (++listed === MAX_LISTED) break;
        }
        return found;
      }),
    statusOf: (run) => {
      const under = asking.get(run) ?? ask(run).finally(() => asking.delete(run));
      asking.set(run, under);
      return under;
    },
    close: connection.close,
  };
}

/** Whether a location, as a run was started with, is the store. */
function sameStore(out: string, store: Store): boolean {
  try {
    return openStore(out).url('runs') === store.url('runs');
  } catch (error) {
    if (error instanceof PerimeterError) return false;
    throw error;
  }
}

/** A client that is made when it is first needed, and again later where it couldn't be. */
function reconnecting(flags: TemporalFlags) {
  let client: Promise<Client> | undefined;
  let closed = false;
  const connect = () => {
    client ??= connectClient(flags, { timeoutMs: CONNECT_TIMEOUT_MS }).catch((error: unknown) => {
      const forget = setTimeout(() => (client = undefined), RECONNECT_MS);
      forget.unref();
      throw error;
    });
    return client;
  };
  return {
    use: async <T>(what: string, patienceMs: number, ask: (client: Client) => Promise<T>): Promise<Live<T>> => {
      const deadline = Date.now() + patienceMs;
      const answer = async () => {
        const connected = await connect();
        return connected.withDeadline(deadline, () => ask(connected));
      };
      const late = new Promise<'late'>((resolve) => {
        // The deadline of the requests comes first, where there is a connection.
        setTimeout(resolve, 1.1 * patienceMs, 'late').unref();
      });
      try {
        const value = await Promise.race([answer(), late]);
        if (value === 'late') return { unavailable: `Temporal did not answer within ${patienceMs / 1_000} s.` };
        return { value };
      } catch (error) {
        return { unavailable: reasonOf(error, what) };
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await client?.then(
        ({ connection }) => connection.close(),
        () => undefined,
      );
    },
  };
}

function reasonOf(error: unknown, what: string): string {
  if (error instanceof PerimeterError) return error.message;
  const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : String(error);
  if (error instanceof WorkflowNotFoundError) return `Temporal no longer knows ${what}.`;
  if (/DEADLINE_EXCEEDED|deadline exceeded/i.test(reason)) {
    return `No control worker answers for ${what}: the run goes on when one is there.`;
  }
  return `Temporal did not tell of ${what}: ${reason.replace(/\.$/, '')}.`;
}
