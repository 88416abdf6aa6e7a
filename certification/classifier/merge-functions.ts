import { toBinary } from '@bufbuild/protobuf';
import { FunctionProtoSchema } from 'onnx-buf';
import type { FunctionProto, ModelProto, NodeProto } from 'onnx-buf';
import { functionNodes, modelNodes, standardDomain } from './graph.ts';
import { namesApart } from './names-apart.ts';

/** A model, and what the new name of a function of it begins with. */
interface Prefixed {
  model: ModelProto;
  prefix: string;
}

/**
 * The local functions of two models, for a model that holds the nodes of both. A function that both have is kept once
 * where it is the same, with the functions that it calls. One whose name means something else in the other model, a
 * function or an operator, gets another name, in the nodes that call it too.
 *
 * @param first changed where an operator of the second is called like one of its functions
 * @param second changed where both have a function, or an operator of the first is called like one of its functions
 */
export function mergeFunctions(first: Prefixed, second: Prefixed): FunctionProto[] {
  const [ours, theirs] = [functionsOf(first.model), functionsOf(second.model)];
  const [calledByOurs, calledByTheirs] = [calls(first.model), calls(second.model)];
  const shared = sharedFunctions(ours, theirs);

  const apart = [...theirs.keys()].filter((id) => !shared.has(id));
  const clashing = new Set(apart.filter((id) => ours.has(id) || calledByOurs.has(id)));
  const hiding = new Set([...ours.keys()].filter((id) => !theirs.has(id) && calledByTheirs.has(id)));
  const taken = new Set([first, second].flatMap(({ model }) => operatorNames(model)));
  renameFunctions(first, { ids: hiding, taken });
  renameFunctions(second, { ids: clashing, taken });
  return [...ours.values(), ...apart.flatMap((id) => theirs.get(id) ?? [])];
}

/** What a node calls an operator by, and a function is known by: its domain, name and overload. */
function identity(operator: { domain: string; name: string; overload: string }): string {
  return JSON.stringify([standardDomain(operator.domain), operator.name, operator.overload]);
}

function called(node: NodeProto): string {
  return identity({ ...node, name: node.opType });
}

function functionsOf({ functions }: ModelProto): Map<string, FunctionProto> {
  return new Map(functions.map((local) => [identity(local), local]));
}

function calls(model: ModelProto): Set<string> {
  return new Set(modelNodes(model).map(called));
}

function operatorNames(model: ModelProto): string[] {
  return [...model.functions.map(({ name }) => name), ...modelNodes(model).map(({ opType }) => opType)];
}

/** The functions that mean the same in both: of the same bytes, and so are those that they call. */
function sharedFunctions(
  ours: ReadonlyMap<string, FunctionProto>,
  theirs: ReadonlyMap<string, FunctionProto>,
): Set<string> {
  const shared = new Set<string>();
  for (const [id, local] of ours) {
    const other = theirs.get(id);
    if (other !== undefined && sameBytes(local, other)) shared.add(id);
  }
  const callsAnother = (local: FunctionProto): boolean =>
    functionNodes(local)
      .map(called)
      .some((id) => !shared.has(id) && (ours.has(id) || theirs.has(id)));
  // Each that falls away may take those with it that call it.
  for (let before = Infinity; shared.size < before;) {
    before = shared.size;
    for (const [id, local] of ours) if (callsAnother(local)) shared.delete(id);
  }
  return shared;
}

function sameBytes(local: FunctionProto, other: FunctionProto): boolean {
  const [ours, theirs] = [local, other].map((one) => toBinary(FunctionProtoSchema, one));
  return Buffer.compare(ours, theirs) === 0;
}

function renameFunctions(
  { model, prefix }: Prefixed,
  { ids, taken }: { ids: ReadonlySet<string>; taken: ReadonlySet<string> },
): void {
  const renamed = model.functions.filter((local) => ids.has(identity(local)));
  const newNames = namesApart(new Set(renamed.map(({ name }) => name)), taken, prefix);
  for (const node of modelNodes(model)) {
    if (ids.has(called(node))) node.opType = newNames.get(node.opType) ?? node.opType;
  }
  for (const local of renamed) local.name = newNames.get(local.name) ?? local.name;
}
