import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { PAYLOAD_KEYS, type PayloadKey } from './payload-keys.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const CIPHER = 'aes-256-gcm';
/** GCM's own lengths. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** As Temporal's samples of encryption name them. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

/**
 * Encrypts payloads with the first key, by AES-256-GCM, and decrypts those of any of them. Without a key payloads stay
 * as they are. What was never encrypted is passed on, so that keys can be brought in while runs are under way.
 */
export function createPayloadCodec(keys: readonly PayloadKey[]): PayloadCodec & { readonly encrypts: boolean } {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    encrypts: keys.length > 0,
    encode: (payloads) =>
      Promise.resolve(keys.length === 0 ? payloads : payloads.map((each) => encrypt(each, keys[0]))),
    // Async, so that what can't be decrypted is a rejection.
    // eslint-disable-next-line @typescript-eslint/require-await
    decode: async (payloads) =>
      payloads.map((payload) => {
        const { encoding, [KEY_ID]: id } = metadataOf(payload);
        return encoding === ENCODING ? decrypt(payload, byId.get(id) ?? noKey(id, keys)) : payload;
      }),
  };
}

/** A nonce, the ciphertext of the whole payload, its metadata too, and GCM's tag. */
function encrypt(payload: Payload, { id, key }: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(id));
  const text = cipher.update(PayloadMessage.encode(payload).finish());
  return {
    metadata: {
      encoding: Buffer.from(ENCODING),
      'encryption-cipher': Buffer.from('AES-256-GCM'),
      [KEY_ID]: Buffer.from(id),
    },
    data: Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]),
  };
}

function decrypt({ data }: Payload, { id, key }: PayloadKey): Payload {
  const bytes = Buffer.from(data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(id))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return PayloadMessage.decode(Buffer.concat([text, decipher.final()]));
  } catch (cause) {
    throw new PerimeterError('InvalidConfiguration', `A payload encrypted with key ${id} was changed since.`, {
      cause,
    });
  }
}

function noKey(id: string, keys: readonly PayloadKey[]): never {
  const found = keys.length === 0 ? `is not set here` : `names only ${keys.map((key) => key.id).join(', ')} here`;
  throw new PerimeterError(
    'InvalidConfiguration',
    `Payloads are encrypted with key ${id}, but ${PAYLOAD_KEYS} ${found}: add that key's file.`,
  );
}

function metadataOf({ metadata }: Payload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
  );
}
