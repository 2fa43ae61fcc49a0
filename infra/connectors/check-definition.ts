import type * as z from 'zod';

import type { Connector } from '../../lib/connectors/connector.ts';
import { isObject } from '../../lib/connectors/json.ts';
import { meantBy } from '../../lib/runtime/setting.ts';
import { hiddenValue, shownValue } from '../terminal/shown-value.ts';
import { crossChecks } from './cross-checks.ts';
import { connectorSchema } from './definition-schema.ts';
import { fault } from './fault.ts';

/** A definition that somebody has written, or what is wrong with it: a sentence each, in the order of the definition. */
export type Checked =
  | { readonly connector: Connector; readonly faults: readonly [] }
  | { readonly connector: null; readonly faults: readonly string[] };

/** What goes together is looked at once every part is what it must be. */
export function checkDefinition(value: unknown): Checked {
  const definition = withoutAbsent(value);
  const result = connectorSchema.safeParse(definition);
  if (!result.success) {
    const { issues } = result.error;
    return { connector: null, faults: issues.flatMap((issue) => sentences(issue, definition)) };
  }
  // As it was written: zod puts keys into the order of its schema, and a body is sent in its own.
  const connector = definition as Connector;
  const faults = crossChecks.flatMap((check) => check(connector));
  return faults.length === 0 ? { connector, faults: [] } : { connector: null, faults };
}

function sentences(issue: z.core.$ZodIssue, definition: unknown): readonly string[] {
  if (issue.code === 'invalid_union') {
    const meant = meantBy(issue);
    if (meant !== undefined) {
      return meant.flatMap((inner) =>
        sentences({ ...inner, path: [...issue.path, ...inner.path] }, definition),
      );
    }
  }
  if (issue.code === 'unrecognized_keys') {
    const rules = issue.message.split('\n');
    return issue.keys.map((key, index) => at([...issue.path, key], rules[index] ?? ''));
  }
  const value = valueAt(definition, issue.path);
  const isUrl = issue.path.at(-1) === 'baseUrl' && value !== undefined;
  return [at(issue.path, `${issue.message}, not ${isUrl ? hiddenValue : shownValue(value)}`)];

  function at(path: readonly PropertyKey[], rule: string): string {
    return fault({ connector: nameOf(definition), ...placeOf(path.map(String)) }, rule);
  }
}

function placeOf(path: readonly string[]): { readonly stream?: string; readonly field: string } {
  const [first, stream, ...rest] = path;
  return first === 'streams' && stream !== undefined
    ? { stream, field: rest.join('.') }
    : { field: path.join('.') };
}

function nameOf(definition: unknown): string {
  return isObject(definition) && typeof definition['name'] === 'string' ? definition['name'] : '(no name)';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
}

/** What is `undefined` has been left out. */
function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[key, withoutAbsent(inner)]],
    ),
  );
}
