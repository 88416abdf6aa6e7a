import type { TestProject } from 'vitest/node';
import { startS3Server, type S3Access } from './s3-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The S3 server of this test run: `inject('s3')`. */
    s3: S3Access;
  }
}

/** One S3 server for all test files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, endpoint, root, sampler } = await startS3Server();
  project.provide('s3', { endpoint, root, sampler });
  return stop;
}
