import { PerimeterError } from '../certification/perimeter-error.ts';
import { readKey } from '../certification/signing/read-key.ts';

/**
 * The private key (PEM) that a run is to be signed with at its end, or undefined.
 *
 * @throws PerimeterError `InvalidRequest` where nobody waits for that end, or the file holds no private key.
 */
export async function signingKey({
  sign,
  detach,
}: {
  readonly sign: string | undefined;
  readonly detach: boolean | undefined;
}): Promise<string | undefined> {
  if (sign === undefined) return undefined;
  if (detach !== true) return readKey(sign, 'private');
  throw new PerimeterError(
    'InvalidRequest',
    `--sign signs a run at its end, which --detach doesn't wait for: leave one out, and sign the finished run with "perimeter sign".`,
  );
}
