import { create } from '@bufbuild/protobuf';
import { FunctionProtoSchema, OperatorSetIdProtoSchema } from 'onnx-buf';
import type { FunctionProto } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { allNodes } from '../../certification/classifier/graph/graph.ts';
import { decodeModel, makeNode } from '../../certification/classifier/graph/onnx.ts';
import { conditionalModel } from '../models/conditional-model.ts';

import { stack, changed, expectComposition, refusalOf, elementwise } from './stacked.ts';

describe('stackModels keeps the local functions of both models:', () => {
  const local = (name: string, operators: [domain: string, opType: string][], domain = 'local'): FunctionProto =>
    create(FunctionProtoSchema, {
      domain,
      name,
      input: ['x'],
      output: [`y${operators.length}`],
      node: operators.map(([of, opType], at) => {
        const node = makeNode(opType, { input: [at === 0 ? 'x' : `y${at}`], output: [`y${at + 1}`] });
        return Object.assign(node, { domain: of });
      }),
      opsetImport: ['', 'local', 'com.microsoft'].map((of) =>
        create(OperatorSetIdProtoSchema, { domain: of, version: of === '' ? 17n : 1n }),
      ),
    });
  /** Of one node, with functions beside it. */
  const calling = (domain: string, opType: string, functions: FunctionProto[]): Uint8Array =>
    changed(
      elementwise([Object.assign(makeNode(opType, { input: ['input'], output: ['logits'] }), { domain })]),
      (model) => {
        model.functions = functions;
        for (const of of ['local', 'com.microsoft']) {
          model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: of, version: 1n }));
        }
      },
    );
  const functionNames = (bytes: Uint8Array) => decodeModel(bytes).functions.map(({ name }) => name);

  test('two of one name that differ', async () => {
    const denoiser = calling('local', 'Act', [local('Act', [['', 'Sin']])]);
    const classifier = calling('local', 'Act', [local('Act', [['', 'Exp']])]);
    expect(functionNames(await expectComposition(denoiser, classifier, [4, 3]))).toEqual(['Act', 'classifier_Act']);
  });

  test('one where both are the same', async () => {
    const model = calling('local', 'Act', [local('Act', [['', 'Sin']])]);
    expect(functionNames(await expectComposition(model, model, [4, 3]))).toEqual(['Act']);
  });

  test('two that are the same but call others that differ', async () => {
    const [denoiser, classifier] = ['Sin', 'Exp'].map((operator) =>
      calling('local', 'Act', [
        local('Inner', [['', operator]]),
        local('Act', [
          ['local', 'Inner'],
          ['', 'Neg'],
        ]),
      ]),
    );
    const stacked = await expectComposition(denoiser, classifier, [4, 3]);
    expect(functionNames(stacked)).toEqual(['Inner', 'Act', 'classifier_Inner', 'classifier_Act']);
  });

  test('but refuses those that the runtime may take for an operator', () => {
    const own = (operator: string) =>
      calling('com.microsoft', 'Gelu', [local('Gelu', [['', operator]], 'com.microsoft')]);
    const operator = calling('com.microsoft', 'Gelu', []);
    expect(refusalOf(own('Sin'), operator)).toBe(
      "d.onnx has a local function 'com.microsoft.Gelu', which is the name of an operator in c.onnx: export it again without that function.",
    );
    expect(refusalOf(operator, own('Sin'))).toBe(
      "c.onnx has a local function 'com.microsoft.Gelu', which is the name of an operator in d.onnx: export it again without that function.",
    );
    expect(refusalOf(own('Sin'), own('Exp'))).toBe(
      "d.onnx and c.onnx have different local functions 'com.microsoft.Gelu', in a domain of the runtime's own operators: export either again without it.",
    );
    expect(functionNames(stack(own('Sin'), own('Sin')))).toEqual(['Gelu']);
  });

  test('those that the body of an If calls', () => {
    const inBody = (operator: string) =>
      changed(conditionalModel({ classes: 3, batch: 2, negated: true }), (model) => {
        model.functions = [local('Act', [['', operator]])];
        model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'local', version: 1n }));
        for (const node of model.graph === undefined ? [] : allNodes(model.graph)) {
          if (node.opType === 'Neg') Object.assign(node, { opType: 'Act', domain: 'local' });
        }
      });
    return expectComposition(inBody('Sin'), inBody('Exp'), [2, 3]);
  });
});
