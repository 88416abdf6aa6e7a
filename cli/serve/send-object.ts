import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import type { InputFolder } from '../../certification/storage/input-folder.ts';
import type { SentAs } from './run-file.ts';

/** So much of an object is held at a time; a request to S3 each. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * A page of a run is as trustworthy as whoever wrote into the store: it is shown as a site of its own, which reads
 * nothing of this server's, loads nothing and sends nothing. Its script, which is in it, and its links work.
 */
const SANDBOXED =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'; sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";
/** Pictures and records, opened by themselves. */
const INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/**
 * Answers with an object of the store, piece by piece.
 *
 * @param options.key of an object that may be shown: what is in it is anybody's who may see this server's pages.
 * @param options.saveAs what a browser calls it where it saves it.
 * @throws PerimeterError `NotFound` where there is none; the store's own faults.
 */
export async function sendObject(
  c: Context,
  { folder, key, saveAs, as }: { folder: InputFolder; key: string; saveAs: string; as: SentAs },
): Promise<Response> {
  const found = await folder.head(key);
  if (found === undefined) throw new PerimeterError('NotFound', `There is no object ${folder.url(key)}.`);
  const { size } = found;
  // Before the answer begins: a fault after it could only break off.
  const first = size === 0 ? new Uint8Array() : await folder.read(key, { from: 0, to: Math.min(PIECE_BYTES, size) });
  c.header('Content-Type', as.contentType);
  c.header('Content-Length', String(size));
  c.header('Content-Security-Policy', as.contentType.startsWith('text/html') ? SANDBOXED : INERT);
  // A browser shuts a sandboxed page out that asks for a browsing context of its own.
  c.header('Cross-Origin-Opener-Policy', 'unsafe-none');
  c.header('Content-Disposition', `${as.shown ? 'inline' : 'attachment'}; filename="${saveAs}"`);
  if (c.req.method === 'HEAD') return c.body(null);
  return stream(c, async (out) => {
    await out.write(first);
    for (let from = first.length; from < size && !out.aborted; from += PIECE_BYTES) {
      await out.write(await folder.read(key, { from, to: Math.min(from + PIECE_BYTES, size) }));
    }
  });
}
