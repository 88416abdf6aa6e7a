import { createHmac } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { isWebAddress, type Notify } from '../certification/records/audit-request.ts';

/** A receiver takes the event down and answers; what it does with it can wait. */
const TIMEOUT_MS = 15_000;
/** Longest wait that a receiver may ask for. */
const MAX_RETRY_AFTER_S = 600;
/** Answers that say "not now": every other 4xx says "never". */
const NOT_NOW = [408, 409, 425, 429];
/** Of a secret in base64, as Standard Webhooks writes them. */
const BASE64_SECRET = 'whsec_';

/** Fewer could be guessed; the standard advises 24. */
const MIN_SECRET_BYTES = 16;

/** Where an event is posted to, and the key that signs it. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: Uint8Array | undefined;
}

/**
 * A target with what the environment holds of it.
 *
 * @throws PerimeterError `InvalidConfiguration` where a variable is missing, or no address.
 */
export function webhookTarget({ url, urlEnv, secretEnv }: Notify, env: NodeJS.ProcessEnv): WebhookTarget {
  const from = (name: string, what: string) => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw new PerimeterError(
      'InvalidConfiguration',
      `The environment of this control worker lacks ${name}, ${what}: set it where control workers start.`,
    );
  };
  const address = url ?? from(urlEnv ?? '', 'the address that audits are told to');
  // What the variable holds is a secret: it isn't shown.
  if (!isWebAddress(address)) {
    throw new PerimeterError(
      'InvalidConfiguration',
      `${urlEnv ?? 'url'} is no address that can be posted to: expected https://…, without a user and password.`,
    );
  }
  const secret = secretEnv === undefined ? undefined : from(secretEnv, 'the secret that signs what audits tell');
  return { url: address, secret: secret === undefined ? undefined : secretBytes(secret, secretEnv ?? '') };
}

/**
 * Posts an event once, signed as Standard Webhooks says (standardwebhooks.com): `webhook-signature` is `v1,` and the
 * HMAC-SHA256, in base64, of id, time and body; `webhook-id`, and `idempotency-key`, are the same at every attempt.
 *
 * @param options.now the time, which is signed too, so that an old event can't be sent again by others.
 * @throws ApplicationFailure `WebhookFailed`, retryable where another attempt may be taken; with the wait that was asked for.
 */
export async function sendWebhook(
  { url, secret }: WebhookTarget,
  { id, body, now }: { id: string; body: unknown; now: Date },
): Promise<void> {
  const text = JSON.stringify(body);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'perimeter',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'idempotency-key': id,
  };
  if (secret !== undefined) {
    const signed = `${id}.${headers['webhook-timestamp']}.${text}`;
    headers['webhook-signature'] = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
  }
  const { host } = new URL(url);
  const failure = (why: string, more: { nonRetryable?: boolean; nextRetryDelay?: number } = {}) =>
    ApplicationFailure.create({ type: 'WebhookFailed', message: `The webhook at ${host} ${why}.`, ...more });
  let response: Response;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // Another address could be anyone's.
    response = await fetch(url, { method: 'POST', headers, body: text, signal, redirect: 'manual' });
  } catch (error) {
    // The reason never shows the address, which may be a secret.
    throw failure(`can't be reached: ${reasonOf(error).replaceAll(url, host)}`);
  }
  await response.body?.cancel();
  const { status, ok } = response;
  if (ok) return;
  const nonRetryable = status < 500 && !NOT_NOW.includes(status);
  const wait = Number(response.headers.get('retry-after'));
  const nextRetryDelay = wait > 0 ? { nextRetryDelay: Math.min(wait, MAX_RETRY_AFTER_S) * 1_000 } : {};
  throw failure(`answered ${status}`, { nonRetryable, ...(!nonRetryable && nextRetryDelay) });
}

function secretBytes(secret: string, name: string): Uint8Array {
  const encoded = secret.startsWith(BASE64_SECRET) ? secret.slice(BASE64_SECRET.length) : undefined;
  const bytes = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  const isWhole = encoded === undefined || bytes.toString('base64') === encoded;
  if (isWhole && bytes.length >= MIN_SECRET_BYTES) return bytes;
  throw new PerimeterError(
    'InvalidConfiguration',
    `${name} is no secret to sign with: expected ${MIN_SECRET_BYTES} characters or more, or ${BASE64_SECRET} and the base64 of as many bytes.`,
  );
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
