import { toBinary } from '@bufbuild/protobuf';
import { FunctionProtoSchema } from 'onnx-buf';
import type { FunctionProto, ModelProto, NodeProto } from 'onnx-buf';
import { PerimeterError } from '../../perimeter-error.ts';
import { functionNodes, modelNodes, standardDomain } from './graph.ts';
import { namesApart } from './names-apart.ts';

/** A model, and what messages call its file. */
interface Named {
  model: ModelProto;
  name: string;
}

/** The domains that runtimes have operators in: which of two things a name stands for there is theirs to say. */
const runtimeDomains = /^$|^ai\.onnx(\.|$)|^com\.microsoft(\.|$)/;

/**
 * The local functions of two models, for a model that holds the nodes of both. A function that both have is kept once
 * where it is the same, with the functions that it calls. Where they differ the second's gets another name, in the
 * nodes that call it too.
 *
 * ONNX leaves it to the runtime whether a local function or an operator of the same name goes before, and ONNX Runtime
 * mostly takes the operator: such a function is neither renamed nor put beside nodes that mean the operator.
 *
 * @param second changed
 * @param prefix what a new name begins with
 * @throws PerimeterError `InvalidModel`, one sentence, where a name would not mean to both what it did
 */
export function mergeFunctions(first: Named, second: Named, prefix: string): FunctionProto[] {
  const [ours, theirs] = [functionsOf(first.model), functionsOf(second.model)];
  refuseHidden(first, second);
  refuseHidden(second, first);
  const shared = sharedFunctions(ours, theirs);
  const apart = [...theirs].filter(([id]) => !shared.has(id));
  const clashing = apart.filter(([id]) => ours.has(id));
  const fixed = clashing.find(([, { domain }]) => runtimeDomains.test(domain))?.[1];
  if (fixed !== undefined) {
    throw new PerimeterError(
      'InvalidModel',
      `${first.name} and ${second.name} have different local functions '${shown(fixed)}', in a domain of the runtime's own operators: export either again without it.`,
    );
  }
  renameFunctions(second.model, {
    ids: new Set(clashing.map(([id]) => id)),
    taken: new Set([first.model, second.model].flatMap(operatorNames)),
    prefix,
  });
  return [...ours.values(), ...apart.map(([, local]) => local)];
}

/** Refuses a function of one model where the other has nodes of the operator that it is called like. */
function refuseHidden(one: Named, other: Named): void {
  const defined = functionsOf(other.model);
  const called = calls(other.model);
  const hiding = one.model.functions.find((local) => called.has(identity(local)) && !defined.has(identity(local)));
  if (hiding === undefined) return;
  throw new PerimeterError(
    'InvalidModel',
    `${one.name} has a local function '${shown(hiding)}', which is the name of an operator in ${other.name}: export it again without that function.`,
  );
}

function shown({ domain, name }: FunctionProto): string {
  return domain === '' ? name : `${domain}.${name}`;
}

/** What a node calls an operator by, and a function is known by: its domain, name and overload. */
function identity(operator: { domain: string; name: string; overload: string }): string {
  return JSON.stringify([standardDomain(operator.domain), operator.name, operator.overload]);
}

function called(node: NodeProto): string {
  return identity({ domain: node.domain, name: node.opType, overload: node.overload });
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
  model: ModelProto,
  { ids, taken, prefix }: { ids: ReadonlySet<string>; taken: ReadonlySet<string>; prefix: string },
): void {
  const renamed = model.functions.filter((local) => ids.has(identity(local)));
  const newNames = namesApart(new Set(renamed.map(({ name }) => name)), taken, prefix);
  for (const node of modelNodes(model)) {
    if (ids.has(called(node))) node.opType = newNames.get(node.opType) ?? node.opType;
  }
  for (const local of renamed) local.name = newNames.get(local.name) ?? local.name;
}
