import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec } from './payload-codec.ts';
import { readPayloadKeys } from './payload-keys.ts';

/** How failures are written where their messages are encrypted too. */
export const encodedFailures = fileURLToPath(new URL('./encoded-failures.cjs', import.meta.url));

/**
 * How clients and workers write what Temporal keeps: as it is, or encrypted where the environment names keys; then the
 * messages and stack traces of failures are too.
 *
 * @throws PerimeterError `InvalidConfiguration`.
 */
export function dataConverter(env: NodeJS.ProcessEnv = process.env): DataConverter {
  const keys = readPayloadKeys(env);
  const payloadCodecs = [createPayloadCodec(keys)];
  if (keys.length === 0) return { payloadCodecs };
  return { payloadCodecs, failureConverterPath: encodedFailures };
}
