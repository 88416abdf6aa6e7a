import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What runs can be searched by in Temporal. A server has to know them: docs/operations.md. */
export const runAttributes = {
  /** The last part of the model's path. */
  model: defineSearchAttributeKey('PerimeterModel', SearchAttributeType.KEYWORD),
  /** The last part of the dataset's path. */
  dataset: defineSearchAttributeKey('PerimeterDataset', SearchAttributeType.KEYWORD),
  sigma: defineSearchAttributeKey('PerimeterSigma', SearchAttributeType.DOUBLE),
  /** planning, running, paused, publishing; at its end finished, incomplete (with failed examples), failed or cancelled. */
  state: defineSearchAttributeKey('PerimeterState', SearchAttributeType.KEYWORD),
};

/** When a schedule was due to start the workflow, jitter left out; Temporal sets it. */
export const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
