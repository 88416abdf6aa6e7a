/** Starts a Temporal dev server and workers, certifies the Fashion-MNIST example through them, and stops them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startDevCluster } from '../cli/dev/dev-cluster.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

// The certifying child is interrupted by the terminal too; this process then stops the rest in order.
process.on('SIGINT', () => undefined);
say('Starting a Temporal dev server and workers…');
const cluster = await startDevCluster({ samplers: 2, headless: true, onProgress: say });
try {
  say('Certifying 500 Fashion-MNIST test images (sigma 0.25, n 2,000) by the certifyDataset workflow.');
  const args = [
    'certify',
    'examples/fashion-mnist/request.yaml',
    '--address',
    cluster.address,
    ...process.argv.slice(2),
  ];
  const certify = spawn(process.execPath, ['bin/perimeter.js', ...args], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(certify, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await cluster.stop();
}
