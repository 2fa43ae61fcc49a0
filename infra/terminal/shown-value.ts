/** In the place of a value that may be a secret. */
export const hiddenValue = 'what is there';
/** Of a word with a digit in it; `cron(0/15` is one. */
const maxShownLength = 11;

/** A value that a person has written, as a sentence about it repeats it: short, and nothing that may be a secret. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'left out';
  if (typeof value === 'function') return 'a function';
  // Of what JSON has no words for, such as a symbol, there is no text.
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  if (mayBeSecret(text)) return hiddenValue;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Somebody's address, a URL, the value of a header, or a long word with a digit in it, as keys have them. */
export function mayBeSecret(text: string): boolean {
  if (/@|\/\/|\b(?:(?:bearer|basic)[\s\\]|https?:)/i.test(text)) return true;
  return text.split(/[\s"'{}[\],]+/).some((word) => word.length > maxShownLength && /\d/.test(word));
}
