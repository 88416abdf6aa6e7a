import { describe, expect, it } from 'vitest';
import { decide, matches, type Statement } from './support/policy.ts';

const role = 'arn:aws:iam::111122223333:role/sampler';

function isAllowed(
  statements: Partial<Statement>[],
  context: Record<string, string> = {},
  resource = 'arn:aws:s3:::b/runs/r/x',
) {
  const whole = statements.map((statement): Statement => ({
    Effect: 'Allow',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::b/*',
    ...statement,
  }));
  const question = { principal: role, action: 's3:PutObject', resource, context };
  return decide(question, { identity: whole, resource: [] }).allowed;
}

describe('what policies say', () => {
  it('is no where nothing says yes, and where anything says no', () => {
    expect(isAllowed([])).toBe(false);
    expect(isAllowed([{}])).toBe(true);
    expect(isAllowed([{}, { Effect: 'Deny' }])).toBe(false);
    expect(isAllowed([{ Effect: 'Deny', Action: 's3:Get*' }, {}])).toBe(true);
  });

  it('is about actions whatever their case, and about keys as they are written', () => {
    expect(isAllowed([{ Action: 'S3:putobject' }])).toBe(true);
    expect(isAllowed([{ Resource: 'arn:aws:s3:::b/RUNS/*' }])).toBe(false);
  });

  it('lets a star stand for slashes too, a question mark for one character, and no other sign for anything', () => {
    expect(matches('b/runs/*/shards/*.jsonl', 'b/runs/r/generations/2/shards/00000.jsonl')).toBe(true);
    expect(matches('b/runs/*/shards/*.jsonl', 'b/runs/shards/00000.jsonl')).toBe(false);
    expect(matches('b/?', 'b/ab')).toBe(false);
    expect(matches('b/plan.json', 'b/planXjson')).toBe(false);
  });

  it.each<[string, Statement['Condition'], Record<string, string>, boolean]>([
    ['a key that has to be there', { Null: { a: 'false' } }, { a: '1' }, true],
    ['and is not', { Null: { a: 'false' } }, {}, false],
    ['a key that has to be missing', { Null: { a: 'true' } }, {}, true],
    ['two keys, of which both have to be missing', { Null: { a: 'true', b: 'true' } }, { b: '1' }, false],
    ['one of two values', { StringEquals: { a: ['1', '2'] } }, { a: '2' }, true],
    ['a value where the key is unknown', { StringEquals: { a: '1' } }, {}, false],
    ['another value', { StringNotEquals: { a: '1' } }, { a: '2' }, true],
    ['another value, where the key is unknown', { StringNotEquals: { a: '1' } }, {}, true],
    ['none of two patterns', { ArnNotLike: { a: ['x*', 'y*'] } }, { a: 'yz' }, false],
    ['a pattern', { StringLike: { a: 'models/*' } }, { a: 'models/v1/' }, true],
    ['a smaller number', { NumericLessThan: { a: 1.2 } }, { a: '1.1' }, true],
    ['a smaller number, where the key is unknown', { NumericLessThan: { a: 1.2 } }, {}, false],
    [
      'two operators, of which both have to hold',
      { Bool: { a: 'true' }, Null: { b: 'true' } },
      { a: 'true', b: '1' },
      false,
    ],
  ])('holds on a condition: %s', (_, Condition, context, expected) => {
    expect(isAllowed([{ Condition }], context)).toBe(expected);
  });

  it('is never guessed', () => {
    expect(() => isAllowed([{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }])).toThrow(
      /isn't evaluated/,
    );
    expect(() => isAllowed([{ NotResource: 'x' } as Partial<Statement>])).toThrow(/isn't evaluated/);
  });
});
