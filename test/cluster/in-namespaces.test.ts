import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { processTree } from '../image/support/process-status.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const script = fileURLToPath(new URL('node/in-namespaces.sh', import.meta.url));

/** Folders of cgroups that the script made, of all hierarchies. */
function cgroupsOf(pid: number): string[] {
  return readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(`/perimeter-test-${pid}`),
  );
}

it('leaves no process, no cgroup and no file of a node whose test was killed', async () => {
  const folder = join(temporaryFolder(), 'node');
  mkdirSync(folder);
  // Starts the namespaces with a process in the background, as a node has many, and waits for its standard input.
  const node = 'mkdir /sys/fs/cgroup/memory/pod; sleep 1000 & cat';
  const starter = `
    const { spawn } = require('node:child_process');
    const child = spawn('bash', ${JSON.stringify([script, folder, 'sh', '-c', node])}, { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
    console.log(child.pid);
  `;
  const test = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = (await once(test.stdout, 'data')) as [Buffer];
  const pid = Number(printed);
  const processes = await until(
    () => processTree(pid),
    (tree) => tree.length >= 6,
  );
  expect(cgroupsOf(pid).length).toBeGreaterThan(0);

  test.kill('SIGKILL');
  await until(
    () => existsSync(`/proc/${pid}`),
    (there) => !there,
  );
  expect(processes.filter((process) => existsSync(`/proc/${process}`))).toEqual([]);
  expect(cgroupsOf(pid)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
