import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PerimeterError } from '../certification/perimeter-error.ts';

/** Names the files of the keys, separated by commas or colons. */
export const PAYLOAD_KEYS = 'PERIMETER_PAYLOAD_KEYS';

/** Of AES-256. */
const KEY_BYTES = 32;
/** Enough to tell keys apart; says nothing of the key. */
const ID_DIGITS = 12;

export interface PayloadKey {
  /** The first digits of its SHA-256. */
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * The keys that payloads are encrypted with: the first encrypts, all decrypt. None where PERIMETER_PAYLOAD_KEYS isn't
 * set.
 *
 * @throws PerimeterError `InvalidConfiguration` where a file can't be read, or isn't 32 bytes in base64.
 */
export function readPayloadKeys(env: NodeJS.ProcessEnv = process.env): PayloadKey[] {
  const named = env[PAYLOAD_KEYS];
  if (named === undefined || named === '') return [];
  return named.split(/[,:]/).map(readPayloadKey);
}

function readPayloadKey(file: string): PayloadKey {
  const bytes = Buffer.from(readText(file), 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new PerimeterError(
      'InvalidConfiguration',
      `${PAYLOAD_KEYS} names ${file}, which must hold ${KEY_BYTES} bytes in base64 ("openssl rand -base64 32 > ${file}"), but holds ${bytes.length}.`,
    );
  }
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, ID_DIGITS);
  return { id, key: createSecretKey(bytes) };
}

function readText(file: string): string {
  if (file === '') throw new PerimeterError('InvalidConfiguration', `${PAYLOAD_KEYS} names an empty path.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new PerimeterError(
      'InvalidConfiguration',
      `${PAYLOAD_KEYS} names ${file}, which can't be read (${reason}).`,
      {
        cause,
      },
    );
  }
}
