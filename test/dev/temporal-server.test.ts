import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporalServer } from '../../cli/dev/temporal-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'perimeter-temporal-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function namespaceOf(address: string): Promise<string | null | undefined> {
  const connection = await Connection.connect({ address });
  try {
    return (await connection.workflowService.describeNamespace({ namespace: 'default' })).namespaceInfo?.name;
  } finally {
    await connection.close();
  }
}

function isListening(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** Signal 0 only asks whether the process is there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startTemporalServer', () => {
  // The first start on a machine fetches the CLI.
  beforeAll(async () => {
    await (await startTemporalServer()).stop();
  }, 300_000);

  it('returns when the default namespace answers, and stop leaves no process', async () => {
    const server = await startTemporalServer({ logFile: join(folder, 'server.log') });
    expect(await namespaceOf(server.address)).toBe('default');
    expect(isAlive(server.pid)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('refuses a port that another server has, instead of taking that server for its own', async () => {
    const server = await startTemporalServer();
    try {
      const port = Number(server.address.split(':')[1]);
      await expect(startTemporalServer({ port })).rejects.toMatchObject({
        code: 'TemporalUnavailable',
        message: expect.stringContaining(`127.0.0.1:${port} (EADDRINUSE)`) as string,
      });
    } finally {
      await server.kill();
    }
    expect(isAlive(server.pid)).toBe(false);
  });

  it('ends with the process that started it, even when that one is killed', async () => {
    const module = new URL('../../cli/dev/temporal-server.ts', import.meta.url).href;
    const script = `const { startTemporalServer } = await import(${JSON.stringify(module)});
      console.log((await startTemporalServer()).address); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const address = line.toString().trim();
    expect(await isListening(address)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isListening(address), { timeout: 10_000 }).toBe(false);
  });
});
