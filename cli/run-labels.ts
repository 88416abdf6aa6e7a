import type { WorkflowStartOptions } from '@temporalio/client';
import type { Request } from '../certification/records/request.ts';
import { runAttributes } from '../workflows/search-attributes.ts';

/** What a workflow is started with so that Temporal can search for it; nothing where its server doesn't know the names. */
export type RunLabels = Pick<WorkflowStartOptions, 'typedSearchAttributes'>;

/** Starts a workflow with its search attributes, and without them on a server that doesn't know them. */
export async function startLabelled<T>(
  { model, dataset, sigma }: Pick<Request, 'model' | 'dataset' | 'sigma'>,
  start: (labels: RunLabels) => Promise<T>,
): Promise<T> {
  try {
    return await start({
      typedSearchAttributes: [
        { key: runAttributes.model, value: lastPart(model) },
        { key: runAttributes.dataset, value: lastPart(dataset) },
        { key: runAttributes.sigma, value: sigma },
        { key: runAttributes.state, value: 'planning' },
      ],
    });
  } catch (error) {
    if (!isUnknownAttribute(error)) throw error;
    return start({});
  }
}

/** The last part of a path or URI. */
export function lastPart(uri: string): string {
  return uri.replace(/\/+$/, '').split('/').at(-1) ?? uri;
}

/** What servers say where a namespace has no such search attribute. */
function isUnknownAttribute(error: unknown): boolean {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  return messages.some((message) => /search attribute/i.test(message) && message.includes('Perimeter'));
}
