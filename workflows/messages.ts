import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { RangeProgress, RunProgress } from './types.ts';

/** Of a run: its state, and its ranges. */
export const progressQuery = defineQuery<RunProgress>('progress');
/** Starts no more shards; those under way are finished. */
export const pauseUpdate = defineUpdate('pause');
export const resumeUpdate = defineUpdate('resume');
/** Most shards under way at once, 1 to 2,000. */
export const setConcurrencyUpdate = defineUpdate<undefined, [concurrency: number]>('setConcurrency');

/** Of a range: what its finished shards add up to. */
export const rangeProgressQuery = defineQuery<RangeProgress>('rangeProgress');
/** From a run to its ranges: how many shards may be under way, 0 while paused. */
export const setWindowSignal = defineSignal<[window: number]>('setWindow');
