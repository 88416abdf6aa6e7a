/** What went wrong, as one list: exit codes, failure types and retries are decided by it, never by the sentence. */
export const errorCodes = [
  /** The request, its flags or its file ask for something impossible. */
  'InvalidRequest',
  /** The model can't be read, or can't be certified. */
  'InvalidModel',
  /** The dataset can't be read, or doesn't fit the model. */
  'InvalidDataset',
  /** One example of the dataset can't be read; the others can. */
  'UnreadableExample',
  /** A store refuses: no such bucket, no permission, no conditional writes. */
  'StoreRefused',
  /** A store didn't answer, or answered with a passing fault: worth another try. */
  'StoreUnavailable',
  /** A key that was asked for isn't there. */
  'NotFound',
  /** The run id is taken by another plan. */
  'RunExists',
  /** Two computations of one thing gave different bytes. */
  'DeterminismViolation',
  /** This machine's arithmetic differs from the plan's. */
  'ArithmeticMismatch',
  /** This sampler can't see the plan's model or dataset as the plan knows them. */
  'InputUnavailable',
  /** The model's process died or failed while it drew samples. */
  'ModelProcessFailed',
  /** The model's process could not be started here and now. */
  'ModelProcessNotStarted',
  /** A larger share of the examples failed than the request allows. */
  'TooManyFailures',
  /** Somebody cancelled the run. */
  'RunCancelled',
  /** A part that has to be installed is missing. */
  'MissingPart',
  /** The environment, or a file that it names, says something impossible, or lacks a key that is needed. */
  'InvalidConfiguration',
  /** Temporal can't be reached, or doesn't know the run. */
  'TemporalUnavailable',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * The one class of error that Perimeter throws on purpose. Its message is one sentence, for a person: what is at
 * fault, what was expected, what was found, and what to do where that isn't plain.
 */
export class PerimeterError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PerimeterError';
    this.code = code;
  }
}
