import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';

// Not the functions of lib: what the records are compared with must not pass through the code that is tested.

export type JsonObject = Readonly<Record<string, unknown>>;

/** A number written out digit by digit, because a double would lose some of them: `9007199254740993`, `1.10`. */
export function exact(digits: string): LosslessNumber {
  return new LosslessNumber(digits);
}

export function toJson(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** The value, with every digit of its numbers; undefined when the text is not JSON. */
export function fromJson(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}
