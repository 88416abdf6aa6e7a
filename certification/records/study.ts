import { z } from 'zod';
import { isRunId } from './request.ts';

/** A run of a study, as the study's record names it. */
const studyRunSchema = z.strictObject({
  run: z.string().refine(isRunId),
  model: z.string().describe('Its location, as it was asked for.'),
  sigma: z.number().positive(),
  lambda: z.number().positive().optional().describe('Of uniform noise.'),
  generation: z.int().min(1).describe('Of its results.'),
  claim: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("The claim's digest."),
});

/** What a study is: runs that were asked for together and share a table. Written once all are finished. */
export const studySchema = z.strictObject({
  version: z.literal(1),
  study: z.string().refine(isRunId),
  runs: z.array(studyRunSchema).min(1),
});
export type Study = z.infer<typeof studySchema>;

const folder = (study: string) => `studies/${study}`;

/** Keys of a study's objects in its store. */
export const studyKeys = {
  studies: 'studies/',
  folder,
  record: (study: string) => `${folder(study)}/study.json`,
  file: (study: string, name: string) => `${folder(study)}/${name}`,
};
