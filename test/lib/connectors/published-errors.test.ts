import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { decoded } from '../../../lib/connectors/decoded.ts';
import { knownWords } from '../../../lib/connectors/known-words.ts';

/**
 * A hundred error sentences that thirty vendors have published, with where each was found. They were collected by somebody who had not
 * seen the list of words, and the list was made by somebody who had not seen them: no word was added for one of them.
 */
const published = JSON.parse(
  readFileSync(path.resolve('test/lib/connectors/published-errors.json'), 'utf8'),
) as readonly { readonly vendor: string; readonly source: string; readonly sentence: string }[];

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length;
}

describe("vendors' published sentences, without a connector that knows them", () => {
  it('come from thirty vendors, each with its source', () => {
    expect(published.length).toBeGreaterThanOrEqual(100);
    expect(new Set(published.map(({ vendor }) => vendor)).size).toBeGreaterThanOrEqual(30);
    for (const { source, sentence } of published) expect([source, sentence]).not.toContain('');
  });

  it('keep four of five of their words', () => {
    const words = published.map(({ sentence }) => ({
      before: wordsIn(sentence),
      after: wordsIn(knownWords(decoded(sentence), new Set()) ?? ''),
    }));
    const sum = (which: 'before' | 'after') => words.reduce((total, counts) => total + counts[which], 0);
    expect(sum('after') / sum('before')).toBeGreaterThan(0.8);
  });
});
