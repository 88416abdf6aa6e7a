import { isIP } from 'node:net';
import { PerimeterError } from '../certification/perimeter-error.ts';

export interface BindAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads where to listen: an IP address and a port, an IPv6 address in brackets.
 *
 * @param name who asks, for the sentence.
 * @throws PerimeterError `InvalidRequest`.
 */
export function parseBindAddress(text: string, name: string): BindAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const [, v6 = '', v4 = '', digits] = match ?? [];
  const port = Number(digits);
  if ((isIP(v6) === 6 || isIP(v4) === 4) && port <= 65_535) return { host: v6 || v4, port };
  throw new PerimeterError(
    'InvalidRequest',
    `${name} is "${text}", but must be an IP address and a port: 0.0.0.0:9464 for every interface, 127.0.0.1:9464 for this machine alone.`,
  );
}

/** Why nothing can be served at an address, as one sentence. */
export function cannotListen(text: string, name: string, cause: unknown): PerimeterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const taken = /EADDRINUSE|address already in use/i.test(reason);
  return new PerimeterError(
    'InvalidRequest',
    `${name} can't be served at ${text}: ${taken ? 'something listens there already; choose another port' : reason}.`,
    { cause },
  );
}
