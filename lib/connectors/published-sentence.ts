import { asName } from './known-words.ts';

/**
 * A sentence that the vendor has published, in its published words, if that is what the text says: `Unknown field ID: {field}` also
 * of `Unknown field ID: /work/site`. What stands in the place of a name in braces becomes `…` unless it is a name of the stream's own.
 * Null if it is none of them.
 */
export function publishedSentence(
  text: string,
  sentences: readonly string[],
  names: ReadonlySet<string>,
): string | null {
  for (const sentence of sentences) {
    const values = patternOf(sentence).exec(text.trim())?.slice(1);
    if (values === undefined) continue;
    let next = 0;
    return sentence.replace(placeholder, () => {
      const value = values[next++] ?? '';
      return names.has(asName(value)) ? value : '…';
    });
  }
  return null;
}

const placeholder = /\{\w+\}/g;

function patternOf(sentence: string): RegExp {
  const literals = sentence.split(placeholder).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('(.{1,200}?)')}[.!]?$`, 'isu');
}
