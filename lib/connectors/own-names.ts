import type { StreamDefinition } from './connector.ts';
import { isObject } from './json.ts';
import { asName } from './known-words.ts';

/**
 * The names that a request of a stream holds, which an error may repeat: of its fields, parameters and paths, whole and in parts, in
 * small letters. Texts for people are left out.
 */
export function ownNames(
  definition: StreamDefinition,
  fields: readonly string[] | null,
): ReadonlySet<string> {
  const { query, body, batches, params } = definition;
  const requested = Object.entries(definition).filter(([key]) => !forPeople.has(key));
  const texts = [
    ...requested.flatMap(([, value]) => textsIn(value)),
    ...[query, body, batches?.list, batches?.body, params].flatMap(keysIn),
  ];
  const names = [...texts, ...(fields ?? [])]
    .map((name) => asName(name.replace(/\{[^}]*\}/g, '')))
    .filter((name) => /^[\w.-]{2,100}$/.test(name));
  return new Set(names.flatMap((name) => [name, ...name.split('.')]).filter((name) => name.length > 1));
}

const forPeople = new Set(['about', 'module', 'params']);

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function keysIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  return isObject(value) ? [...Object.keys(value), ...Object.values(value).flatMap(keysIn)] : [];
}
