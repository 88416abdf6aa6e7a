/** How wrong a worker's clock is. */
export interface WrongClock {
  /** Ahead of the machine's; behind where negative. */
  readonly hours: number;
  /** Whether it goes forth and back between there and as far on the other side. */
  readonly jumps?: boolean;
}

/** An activity, and a request to a store, meets a jump; most requests don't meet two. */
const JUMP_MS = 3_000;

/** Sets this process's wall clock. Timers and `performance` go on, as they do when a machine's clock is set. */
export function setClock({ hours, jumps = false }: WrongClock) {
  const RealDate = Date;
  let shift = hours * 3_600_000;
  if (jumps) setInterval(() => (shift = -shift), JUMP_MS).unref();
  const now = () => RealDate.now() + shift;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
  });
}
