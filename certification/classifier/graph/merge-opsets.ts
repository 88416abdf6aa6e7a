import type { ModelProto, OperatorSetIdProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { modelNodes, standardDomain } from './graph.ts';

/** A model, and what messages call its file. */
interface Named {
  model: ModelProto;
  name: string;
}

/**
 * The operator sets that two models import, for a model that holds the nodes of both. Exporters also import sets that
 * they don't use: the version of one counts only where the model has a node of it.
 *
 * @throws PerimeterError `InvalidModel`, one sentence, where they use two versions of one set
 */
export function mergeOpsets(first: Named, second: Named): OperatorSetIdProto[] {
  const merged = importsOf(first.model);
  for (const [domain, theirs] of importsOf(second.model)) {
    const ours = merged.get(domain);
    if (ours === undefined) {
      merged.set(domain, theirs);
    } else if (ours.version !== theirs.version && uses(second.model, domain)) {
      if (uses(first.model, domain)) throw disagreement(domain, [first.name, ours], [second.name, theirs]);
      merged.set(domain, theirs);
    }
  }
  return [...merged.values()];
}

/** Its own imports before those of its functions, which import their sets themselves. */
function importsOf({ opsetImport, functions }: ModelProto): Map<string, OperatorSetIdProto> {
  const imports = new Map<string, OperatorSetIdProto>();
  for (const imported of [...opsetImport, ...functions.flatMap((local) => local.opsetImport)]) {
    const domain = standardDomain(imported.domain);
    if (!imports.has(domain)) imports.set(domain, imported);
  }
  return imports;
}

function uses(model: ModelProto, domain: string): boolean {
  return modelNodes(model).some((node) => standardDomain(node.domain) === domain);
}

function disagreement(domain: string, ...uses: [name: string, set: OperatorSetIdProto][]): PerimeterError {
  const [set, advice] = domain === '' ? ['opset', ' (opset_version in PyTorch)'] : [`version`, ''];
  const of = domain === '' ? '' : ` of the operators '${domain}'`;
  const found = uses.map(([name, { version }]) => `${name} uses ${set} ${version}${of}`).join(' and ');
  return new PerimeterError(
    'InvalidModel',
    `${found}, but one model has one: export either again with the ${set} of the other${advice}.`,
  );
}
