import { describe, expect, it } from 'vitest';

import { errorTexts, saysError } from '../../../lib/connectors/error-texts.ts';
import { readErrorWithin } from '../../../lib/connectors/read-error.ts';
import { streamNamed } from '../../support/streams.ts';
import { cpuMs } from '../../support/cpu-time.ts';

/** So many writings of one name. */
function writings(name: string, count: number): string[] {
  const [first = '', ...rest] = name;
  return Array.from({ length: count }, (_, index) => {
    const signs = index.toString(2).padStart(18, '0').replaceAll('1', '-').replaceAll('0', '_');
    return `${first}${signs}${rest.join('')}`;
  });
}

const object = (names: readonly string[], value: (index: number) => unknown): object =>
  Object.fromEntries(names.map((name, index) => [name, value(index)]));

const sentence = (index: number): string => `access denied to account ${String(index)}`;
const many = 100_000;

describe('the texts of an error', () => {
  const { definition } = streamNamed('mobaro/users');

  it.each<[string, unknown]>([
    ['one name in many writings', object(writings('error', many), sentence)],
    ['many holders of an error', object(writings('errors', many), (at) => ({ message: sentence(at) }))],
    ['many errors by field', { errors: object(writings('field', many), (at) => [sentence(at)]) }],
    ['a list of many', { errors: Array.from({ length: many }, (_, at) => ({ message: sentence(at) })) }],
    ['many writings within each other', { error: { error: object(writings('message', many), sentence) } }],
    ['each of the names, and each within it', branching(4)],
    ['a long text', { error: 'denied '.repeat(1_000_000) }],
    ['many long texts', object(writings('detail', 9), (at) => `${String(at)} ${'denied '.repeat(100_000)}`)],
    ['a long name', { error: 'denied', [`e${'_'.repeat(5_000_000)}rror`]: 'account' }],
    ['a bare text', 'denied '.repeat(1_000_000)],
  ])('are few and short, however much there is: %s', (_, json) => {
    const ms = cpuMs(() => {
      const texts = errorTexts(json);
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.length).toBeLessThanOrEqual(12);
      expect(texts.join('').length).toBeLessThanOrEqual(4000);
      const hearing = { definition, fields: null, credentials: ['kX9-made-up-0123456789'] };
      if (saysError(json)) expect(readErrorWithin(json, hearing)).not.toBeNull();
    });
    expect(ms).toBeLessThan(3000);
  });
});

/** An error in which every name holds another one of the kind. */
function branching(depth: number): object {
  const names = ['error', 'errors', 'details', 'meta', 'fault', 'problem', 'response', 'innererror'];
  return {
    message: `denied ${String(depth)}`,
    ...(depth === 0 ? {} : Object.fromEntries(names.map((name) => [name, [branching(depth - 1)]]))),
  };
}
