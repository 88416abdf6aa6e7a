import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '../../certification/storage/s3-client.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { spawnGuarded } from '../../cli/dev/spawn-guarded.ts';
import { findVersitygw } from './versitygw.ts';

const START_TIMEOUT_MS = 30_000;

export type S3Credentials = { accessKeyId: string; secretAccessKey: string };

/** A running S3 server: what a test needs to reach it, which can be sent to another process. */
export type S3Access = {
  endpoint: string;
  /** May do everything. */
  root: S3Credentials;
  /** May do what a bucket's policy lets it, as the samplers of a cluster (`createBucket`). */
  sampler: S3Credentials;
};

export type S3Server = S3Access & {
  /** The folder with its objects; none where `PERIMETER_TEST_S3` names another server. */
  dataDir?: string;
  stop: () => Promise<void>;
};

/**
 * Starts a real S3 server (versitygw) on a free port of 127.0.0.1, with objects and users in a temporary folder; it
 * ends with this process. With `PERIMETER_TEST_S3=URL` that server is taken instead, with the credentials of
 * `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, and those of a second user in
 * `PERIMETER_TEST_S3_SAMPLER_ACCESS_KEY_ID` and `PERIMETER_TEST_S3_SAMPLER_SECRET_ACCESS_KEY`.
 */
export async function startS3Server(): Promise<S3Server> {
  const named = process.env.PERIMETER_TEST_S3;
  if (named) return namedServer(named);

  const executable = await findVersitygw();
  const folder = await mkdtemp(join(tmpdir(), 'perimeter-s3-'));
  const dataDir = join(folder, 'data');
  const users = join(folder, 'iam');
  const root = { accessKeyId: 'root', secretAccessKey: 'root-secret' };
  const sampler = { accessKeyId: 'sampler', secretAccessKey: 'sampler-secret' };
  await Promise.all([mkdir(dataDir), mkdir(users)]);
  await writeFile(join(users, 'users.json'), usersFile(sampler));

  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await spawnGuarded(
    executable,
    // Without O_TMPFILE, which some container file systems can't link into place.
    [
      ...['--port', `127.0.0.1:${port}`, '--iam-dir', users, '--iam-cache-disable', '--quiet', '--keep-alive'],
      ...['posix', '--disableotmp', dataDir],
    ],
    { env: { ...process.env, ROOT_ACCESS_KEY: root.accessKeyId, ROOT_SECRET_KEY: root.secretAccessKey }, cwd: folder },
  );
  const stop = async () => {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await answers({ endpoint, root, ended: server.ended }))) {
    const output = server.output().trim();
    await stop();
    throw new Error(`The S3 server of the tests (${executable}) did not come up on ${endpoint}: ${output}`);
  }
  return { endpoint, root, sampler, dataDir, stop };
}

function namedServer(endpoint: string): S3Server {
  const credentials = (prefix: string): S3Credentials => {
    const accessKeyId = process.env[`${prefix}ACCESS_KEY_ID`];
    const secretAccessKey = process.env[`${prefix}SECRET_ACCESS_KEY`];
    if (!accessKeyId || !secretAccessKey) {
      throw new Error(
        `PERIMETER_TEST_S3 is set: ${prefix}ACCESS_KEY_ID and ${prefix}SECRET_ACCESS_KEY are needed too.`,
      );
    }
    return { accessKeyId, secretAccessKey };
  };
  return {
    endpoint,
    root: credentials('AWS_'),
    sampler: credentials('PERIMETER_TEST_S3_SAMPLER_'),
    stop: () => Promise.resolve(),
  };
}

function usersFile({ accessKeyId, secretAccessKey }: S3Credentials): string {
  const account = { access: accessKeyId, secret: secretAccessKey, role: 'user', userID: 0, groupID: 0, projectID: 0 };
  return JSON.stringify({ accessAccounts: { [accessKeyId]: account } });
}

async function answers(options: { endpoint: string; root: S3Credentials; ended: () => boolean }): Promise<boolean> {
  const client = createS3Client({ endpoint: options.endpoint, credentials: options.root, pathStyle: true });
  const deadline = Date.now() + START_TIMEOUT_MS;
  try {
    while (!options.ended() && Date.now() < deadline) {
      try {
        await client.send(new ListBucketsCommand({}));
        return !options.ended();
      } catch {
        await sleep(25);
      }
    }
    return false;
  } finally {
    client.destroy();
  }
}
