import { HTTPException } from 'hono/http-exception';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import type { ErrorCode } from '../../certification/perimeter-error.ts';

/** An error as an answer. */
export interface Fault {
  readonly status: 404 | 500 | 502 | 503 | 504;
  readonly title: string;
  readonly sentence: string;
}

const STATUSES: Partial<Record<ErrorCode, Omit<Fault, 'sentence'>>> = {
  NotFound: { status: 404, title: 'Not found' },
  StoreUnavailable: { status: 503, title: 'The store doesn’t answer' },
  StoreRefused: { status: 502, title: 'The store refuses' },
  // A link that leads out of the store's folder.
  InvalidDataset: { status: 502, title: 'A file can’t be read' },
  InvalidRequest: { status: 502, title: 'A record can’t be read' },
};

/** What is answered where something was thrown: who may see a page may know what the store said. */
export function faultOf(error: unknown): Fault {
  if (error instanceof PerimeterError) {
    const known = STATUSES[error.code];
    if (known !== undefined) return { ...known, sentence: error.message };
  }
  if (error instanceof HTTPException && error.status === 504) {
    return { status: 504, title: 'The store doesn’t answer', sentence: error.message };
  }
  return {
    status: 500,
    title: 'Something went wrong',
    sentence: 'The page could not be made; what went wrong is in the server’s log.',
  };
}
