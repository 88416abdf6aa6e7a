import { once } from 'node:events';
import { spawn } from 'node:child_process';

/**
 * Does something while no other process does, by flock(1): for what takes minutes. The lock goes with this process, however
 * it ends.
 *
 * @param path of the lock file, whose folder exists.
 */
export async function withFlock<T>(path: string, body: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; cat > /dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`${path} can't be locked`))),
  ]);
  try {
    return await body();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
