import { describe, expect, it } from 'vitest';

import { noValue, resolve, type Lookup } from '../../../../infra/emulator/template/intrinsics.ts';

const lookup: Lookup = {
  ref: (name) => {
    if (name === 'AWS::NoValue') return noValue;
    if (name === 'Many') return ['a', 'b'];
    if (name === 'Queue') return 'http://127.0.0.1:1/000000000000/q';
    throw new Error(`there is no ${name}`);
  },
  getAtt: (logicalId, attribute) => `${logicalId}:${attribute}`,
};

describe('intrinsic functions', () => {
  it.each([
    ['Ref', { Ref: 'Queue' }, 'http://127.0.0.1:1/000000000000/q'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue:Arn'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Nested.Outputs.Arn' }, 'Nested:Outputs.Arn'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Queue' }, 3]] }, 'a-http://127.0.0.1:1/000000000000/q-3'],
    ['Join of a list that is referred to', { 'Fn::Join': [',', { Ref: 'Many' }] }, 'a,b'],
    ['Split', { 'Fn::Split': ['/', 'a/b'] }, ['a', 'b']],
    ['Select', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b'] }] }, 'b'],
    [
      'Sub',
      { 'Fn::Sub': 'x ${Queue.Arn} ${!Literal} ${Queue}' },
      'x Queue:Arn ${Literal} http://127.0.0.1:1/000000000000/q',
    ],
    [
      'Sub with its own variables',
      { 'Fn::Sub': ['${A}-${Queue.Name}', { A: { 'Fn::GetAtt': ['X', 'Y'] } }] },
      'X:Y-Queue:Name',
    ],
  ])('resolves %s', (_, value, expected) => {
    expect(resolve(value, lookup)).toEqual(expected);
  });

  it('goes all the way down and leaves the rest as it is', () => {
    expect(resolve({ a: [{ b: { Ref: 'Queue' }, c: true }], d: null }, lookup)).toEqual({
      a: [{ b: 'http://127.0.0.1:1/000000000000/q', c: true }],
      d: null,
    });
  });

  it('leaves out what has no value', () => {
    expect(resolve({ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, lookup)).toEqual({
      b: [1],
    });
  });

  it.each([
    [{ 'Fn::ImportValue': 'x' }, 'Fn::ImportValue is not understood by the local runner'],
    [{ Ref: 'Nobody' }, 'there is no Nobody'],
    [{ 'Fn::Select': [5, ['a']] }, 'Fn::Select asks for item 5'],
    [{ 'Fn::Join': [',', 'no list'] }, 'Fn::Join needs a list'],
    [{ 'Fn::Join': [',', [{}]] }, 'Fn::Join needs a text'],
  ])('refuses %j', (value, message) => {
    expect(() => resolve(value, lookup)).toThrow(message);
  });
});
