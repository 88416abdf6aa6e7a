/** Workflows that do as those of today, and then wait: replays of whole histories must not let it pass. */
import { CancellationScope, sleep } from '@temporalio/workflow';
import * as today from '../../workflows/index.ts';

function andThenWait<Input, Result>(workflow: (input: Input) => Promise<Result>) {
  return async (input: Input): Promise<Result> => {
    try {
      return await workflow(input);
    } finally {
      await CancellationScope.nonCancellable(() => sleep(1));
    }
  };
}

export const auditModel = andThenWait(today.auditModel);
export const certifyDataset = andThenWait(today.certifyDataset);
export const certifyRange = andThenWait(today.certifyRange);
export const retryRun = andThenWait(today.retryRun);
