/** What one check of a run found. `noted` is neither for nor against it: something that a reviewer should know. */
export interface Check {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'noted';
  /** One line: what was looked at, and what was found. */
  readonly detail: string;
}

export function passed(name: string, detail: string): Check {
  return { name, status: 'passed', detail };
}

export function failed(name: string, detail: string): Check {
  return { name, status: 'failed', detail };
}

export function noted(name: string, detail: string): Check {
  return { name, status: 'noted', detail };
}
