import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('peers/cifar10/resnet110/', import.meta.url));

/** The published logs: the σ of training, and that of certification. */
export const peerLogs = [
  'noise_0.12/test/sigma_0.12',
  'noise_0.12/test/sigma_0.50',
  'noise_0.25/test/sigma_0.25',
  'noise_0.25/test/sigma_0.50',
  'noise_0.50/test/sigma_0.50',
  'noise_1.00/test/sigma_0.50',
  'noise_1.00/test/sigma_1.00',
] as const;

export function peerLog(name: (typeof peerLogs)[number]): { path: string; bytes: Uint8Array; text: string } {
  const path = folder + name;
  const bytes = new Uint8Array(readFileSync(path));
  return { path, bytes, text: new TextDecoder().decode(bytes) };
}

/** Correct certificates of at least a radius, counted in the text itself. */
export function recount(text: string, radius: number): number {
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, label, predict, printed]) => label === predict && Number(printed) >= radius).length;
}
