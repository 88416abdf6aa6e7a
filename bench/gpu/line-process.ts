import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Enough of what a program says on standard error to see why it ended. */
const KEPT_CHARACTERS = 2_000;

/** A program that answers each line of JSON on its standard input with a line of JSON. */
export interface LineProcess {
  /**
   * @throws Error with the program's own sentence where it answers with `error`, or that says how it ended.
   */
  ask(request: object): Promise<Record<string, unknown>>;
  close(): void;
}

/** Starts one. Where it can't be started, or has ended, `ask` says so. It ends with this process: its input closes. */
export function startLineProcess(command: string, args: readonly string[]): LineProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting: { resolve: (answer: Record<string, unknown>) => void; reject: (error: Error) => void }[] = [];
  let said = '';
  let ended: Error | undefined;
  const end = (sentence: string) => {
    ended ??= new Error(sentence);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.once('error', (error) => {
    end(`${command} could not be started: ${error.message}`);
  });
  child.once('close', (code, signal) => {
    const last = said.trim().split('\n').at(-1) ?? '';
    end(`${command} ended with ${signal ?? `exit code ${code ?? 0}`}${last === '' ? '' : `: ${last}`}`);
  });
  // A write to a program that has ended: `close` tells of it.
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const asked = waiting.shift();
    try {
      const answer = JSON.parse(line) as Record<string, unknown>;
      if (typeof answer.error === 'string') asked?.reject(new Error(answer.error));
      else asked?.resolve(answer);
    } catch {
      asked?.reject(new Error(`${command} answered "${line.slice(0, 200)}", which is not JSON`));
    }
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    close: () => child.kill('SIGKILL'),
  };
}
