import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { boundCommand } from './commands/bound.ts';
import { cancelCommand, concurrencyCommand, pauseCommand, resumeCommand } from './commands/control.ts';
import { certifyCommand, predictCommand } from './commands/certify.ts';
import { compareCommand } from './commands/compare.ts';
import { datasetCommand } from './commands/dataset.ts';
import { deploymentCommand } from './commands/deployment.ts';
import { devCommand } from './commands/dev.ts';
import { exportCommand } from './commands/export.ts';
import { gcCommand } from './commands/gc.ts';
import { importCommand } from './commands/import.ts';
import { keysCommand } from './commands/keys.ts';
import { modelCommand } from './commands/model.ts';
import { planCommand } from './commands/plan.ts';
import { reportCommand } from './commands/report.ts';
import { retryCommand } from './commands/retry.ts';
import { scheduleCommand } from './commands/schedule.ts';
import { serveCommand } from './commands/serve.ts';
import { signCommand } from './commands/sign.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';
import { flushTracing } from '../workers/tracing.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

const { version } = JSON.parse(
  readFileSync(
    new URL(import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json', import.meta.url),
    'utf8',
  ),
) as { version: string };

const program = new Command('perimeter')
  .description('Certifies image classifiers against adversarial perturbation by randomized smoothing.')
  .version(version)
  .addHelpText(
    'after',
    `
Examples:
  perimeter certify examples/fashion-mnist/request.yaml --local
  perimeter dev                                   a Temporal server and workers on this machine
  perimeter certify request.yaml                  by the workers, with progress
  perimeter bound --count 9990 --n 10000 --alpha 0.001 --sigma 0.25

Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 finished with failed examples.`,
  );

for (const command of [
  certifyCommand(),
  predictCommand(),
  planCommand(),
  statusCommand(),
  retryCommand(),
  verifyCommand(),
  reportCommand(),
  compareCommand(),
  gcCommand(),
  cancelCommand(),
  pauseCommand(),
  resumeCommand(),
  concurrencyCommand(),
  scheduleCommand(),
  keysCommand(),
  signCommand(),
  serveCommand(),
  workerCommand(),
  devCommand(),
  deploymentCommand(),
  modelCommand(),
  datasetCommand(),
  importCommand(),
  exportCommand(),
  boundCommand(),
]) {
  program.addCommand(command);
}
throwInsteadOfExit(program);
endWhereNobodyReads(process.stdout);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
} finally {
  await flushTracing();
}

/** Who reads a pipe may have seen enough, as `head` has: then there is nothing left to say. */
function endWhereNobodyReads(stream: NodeJS.WriteStream) {
  stream.on('error', (error) => {
    if (!isBrokenPipe(error)) throw error;
    process.exit();
  });
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Usage errors come here too, so that they end with the exit code for bad input. */
function throwInsteadOfExit(command: Command) {
  command.exitOverride().showHelpAfterError(false);
  for (const sub of command.commands) throwInsteadOfExit(sub);
}

function report(error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
  if (error instanceof PerimeterError) {
    process.stderr.write(`perimeter: ${error.message}\n`);
    return exitCodeOf(error);
  }
  if (error instanceof Error && error.name === 'NamespaceNotFoundError') {
    process.stderr.write('perimeter: Temporal has no such namespace: correct --namespace or TEMPORAL_NAMESPACE.\n');
    return exitCodes.badInput;
  }
  if (isBrokenPipe(error)) return exitCodes.done;
  // The client's words for a server that went away.
  if (error instanceof Error && error.name === 'ServiceError') {
    process.stderr.write(`perimeter: Temporal stopped answering (${error.message}): is the server still there?\n`);
    return exitCodes.failed;
  }
  process.stderr.write(`perimeter: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}
