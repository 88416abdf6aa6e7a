import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { createApp } from '../../create-app.ts';
import type { Template } from './resolve-intrinsics.ts';

/** The least that has to be set. */
export const leastSettings = { adminRoleArn: 'arn:aws:iam::111122223333:role/platform/Admin' };

/** With every identity that there can be. */
export const allIdentities = {
  ...leastSettings,
  reviewers: 'arn:aws:iam::111122223333:role/Auditor,arn:aws:iam::444455556666:user/reviewer',
  signers: ['arn:aws:iam::111122223333:role/Lead'],
  gc: 'true',
  serve: true,
};

export interface Synthesized {
  /** By the names of their stacks. */
  readonly templates: Record<string, Template>;
  /** What the CDK would have to look up in an account first. */
  readonly missing: readonly unknown[];
  /** All files, as they were written. */
  readonly files: Record<string, string>;
}

/**
 * Synthesizes the app in this process, which asks no network, and checks it by all rules.
 *
 * @param more puts something into the app that isn't its own.
 * @throws where a rule is broken.
 */
export function synthesize(
  context: Record<string, unknown> = leastSettings,
  more: (app: App) => void = () => undefined,
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'perimeter-cdk-'));
  try {
    const app = createApp({ context, outdir });
    more(app);
    const { stacks, manifest } = app.synth();
    const names = stacks.map(({ templateFile }) => templateFile);
    return {
      templates: Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template])),
      missing: manifest.missing ?? [],
      files: Object.fromEntries(names.map((name) => [name, readFileSync(join(outdir, name), 'utf8')])),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
