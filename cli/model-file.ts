import { existsSync } from 'node:fs';
import type { ModelDescription } from '../certification/classifier/graph/inspect-model.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { fileError } from '../certification/storage/file-error.ts';
import { parseLocation } from '../certification/storage/parse-location.ts';
import { writeOnce } from '../certification/storage/write-once.ts';

/** Where a command writes a model: `out` as it was given, for messages, and its path. */
export interface ModelFile {
  readonly out: string;
  readonly path: string;
}

/** @throws PerimeterError `InvalidRequest` where `--out` isn't a path on this machine, or something is there. */
export function modelFile(out: string): ModelFile {
  const location = parseLocation(out);
  if (location.kind !== 'file') {
    throw new PerimeterError('InvalidRequest', `--out is ${out}: expected a path on this machine.`);
  }
  const { path } = location;
  // Before minutes are spent on what could not be written.
  if (existsSync(path)) throw isThere(out);
  return { out, path };
}

/** @throws PerimeterError `InvalidRequest` where something is there meanwhile, or what a store's file refuses. */
export async function writeModel({ out, path }: ModelFile, bytes: Uint8Array): Promise<void> {
  let created: boolean;
  try {
    created = await writeOnce(path, bytes);
  } catch (error) {
    throw fileError(error, `writing ${out}`);
  }
  if (!created) throw isThere(out);
}

function isThere(out: string): PerimeterError {
  return new PerimeterError(
    'InvalidRequest',
    `${out} is there already, and a model is never overwritten: name another file.`,
  );
}

/** A model as lines of text, with the file that it was written to. */
export function modelLines(description: ModelDescription & { sha256: string }, out?: string): string[] {
  const { input, output, layout, shape, classes, batch, opset, producer, parameters, nodes, sha256 } = description;
  return [
    `input       ${input.name}: ${input.type} [${input.dims.join(', ')}], ${layout}`,
    `output      ${output.name}: [${output.dims.join(', ')}]`,
    `example     ${shape.join('×')}${layout === 'features' ? '' : ' (channels first)'}`,
    `classes     ${classes}`,
    `batch       ${batch ?? 'any'}`,
    `parameters  ${parameters.toLocaleString('en')} in ${nodes} nodes`,
    `made by     ${producer || 'unknown'}, opset ${opset}`,
    `SHA-256     ${sha256}`,
    ...(out === undefined ? [] : [`file        ${out}`]),
  ];
}
