import * as z from 'zod';

/** Schemas of settings. Their errors are the half of a sentence that follows the name of the setting. */

/** An object that takes these keys and no others, and says so. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key; known keys are ${known}`
        : `must be an object with any of the keys ${known}`,
  });
}

export function checked<T>(check: (value: unknown) => boolean, rule: string) {
  return z.custom<T>(check, { error: rule });
}

export function whole(min: number, max: number) {
  return checked<number>(
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    `must be a whole number from ${String(min)} to ${String(max)}`,
  );
}

/** What a text says in JSON. */
export function jsonText() {
  return z.string().transform((json, context) => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  });
}

export function text() {
  return checked<string>((value) => typeof value === 'string' && value.trim() !== '', 'must be a text');
}

export function oneOf<const T extends string>(words: readonly T[]) {
  return z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });
}

/** Of what may be written in several forms: what is wrong within the one that was chosen; undefined where it is none of them. */
export function meantBy({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const isWithin = ({ path }: z.core.$ZodIssue): boolean => path.length > 0;
  return (
    errors.find((issues) => issues.every(isWithin)) ??
    errors.find((issues) => issues.every((issue) => isWithin(issue) || issue.code === 'unrecognized_keys'))
  );
}

/**
 * Takes what is left of settings when each has been used: a setting that is forgotten does not compile. The error names it; to
 * name it in the destructuring above the call, and to use it there, is the cure.
 */
export const nothingElse: (left: Readonly<Record<string, never>>) => void = () => undefined;
