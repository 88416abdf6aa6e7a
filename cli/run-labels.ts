import type { Client, WorkflowStartOptions } from '@temporalio/client';
import type { Request } from '../certification/records/request.ts';
import { runAttributes } from '../workflows/search-attributes.ts';

/** What a workflow is started with so that Temporal can search for it; nothing where its server doesn't know the names. */
type RunLabels = Pick<WorkflowStartOptions, 'typedSearchAttributes'>;

/**
 * Starts a workflow with its search attributes, and without them on a server that doesn't know them. They can't be
 * encrypted: where payloads are, model and dataset are left out.
 */
export async function startLabelled<T>(
  client: Client,
  { model, dataset, sigma }: Pick<Request, 'model' | 'dataset' | 'sigma'>,
  start: (labels: RunLabels) => Promise<T>,
): Promise<T> {
  const names = [
    { key: runAttributes.model, value: lastPart(model) },
    { key: runAttributes.dataset, value: lastPart(dataset) },
  ];
  try {
    return await start({
      typedSearchAttributes: [
        ...(encryptsPayloads(client) ? [] : names),
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

function encryptsPayloads({ options }: Client): boolean {
  return options.loadedDataConverter.payloadCodecs.some((codec) => 'encrypts' in codec && codec.encrypts === true);
}

/** What servers say where a namespace has no such search attribute. */
function isUnknownAttribute(error: unknown): boolean {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  return messages.some((message) => /search attribute/i.test(message) && message.includes('Perimeter'));
}
