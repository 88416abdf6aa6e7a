import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** What is bundled for the workflows' sandbox: the workflows, */
export const workflowsPath = path(`../workflows/index.${extension}`);
/** and what is around them: there always, so that workflows run the same code with tracing and without. */
const workflowModules = [path(`../workflows/trace-interceptors.${extension}`)];

/** The bundle that the build leaves beside the compiled workflows, for each way to write failures. */
export function bundleName(failureConverterPath: string | undefined): string {
  return failureConverterPath === undefined ? 'bundle.js' : 'bundle-encoded.js';
}

/** What workers run as workflows: what the build has bundled, or else the sources, which the worker bundles as it starts. */
export function workflowCode({
  interceptors,
  dataConverter,
}: Pick<WorkerOptions, 'interceptors' | 'dataConverter'>): Pick<
  WorkerOptions,
  'workflowBundle' | 'workflowsPath' | 'interceptors'
> {
  const codePath = path(`../workflows/${bundleName(dataConverter?.failureConverterPath)}`);
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath, interceptors: { ...interceptors, workflowModules } };
}

/**
 * Bundles workflows as a worker does.
 *
 * @param options.from the file that exports them.
 */
export async function bundleWorkflows({
  from = workflowsPath,
  failureConverterPath,
}: { from?: string; failureConverterPath?: string | undefined } = {}): Promise<{ code: string }> {
  return bundleWorkflowCode({
    workflowsPath: from,
    workflowInterceptorModules: workflowModules,
    ...(failureConverterPath !== undefined && { failureConverterPath }),
    logger: new DefaultLogger('WARN'),
  });
}
