import { z } from 'zod';

/** One spelling for each string of bytes: a changed character is never the same bytes spelled otherwise. */
const base64 = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'expected base64, padded, on one line');

/** A run's signature, made apart from it: over the exact bytes of its `manifest.json`. */
export const signatureSchema = z.strictObject({
  version: z.literal(1),
  algorithm: z.literal('ed25519').describe('Pure Ed25519 (RFC 8032, §5.1), not pre-hashed.'),
  publicKey: base64.describe('SubjectPublicKeyInfo in DER (RFC 8410), base64.'),
  signature: base64.describe('The 64 bytes of the signature, base64.'),
});
export type Signature = z.infer<typeof signatureSchema>;
