import { parseRequest } from '../../certification/records/parse-request.ts';
import type { Request, RequestInput } from '../../certification/records/request.ts';
import type { Stub } from '../../certification/records/stub.ts';

/** A request that runs no model, with few samples an example, in shards of 16. */
export function stubRequest({
  stub,
  ...more
}: { stub?: Partial<Stub> } & Omit<Partial<RequestInput>, 'stub'>): Request {
  return parseRequest(
    {
      stub: { examples: 100, classes: 10, pA: { a: 8, b: 1 }, ...stub },
      sigma: 0.5,
      n0: 10,
      n: 200,
      shardSize: 16,
      ...more,
    },
    'the request',
  );
}
