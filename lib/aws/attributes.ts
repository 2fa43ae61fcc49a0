import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * JSON as native DynamoDB values, so that an operator can read an item in the console.
 * @throws {TypeError} for what JSON does not know.
 */
export function toAttribute(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  if (typeof value === 'object') return { M: toAttributes(value) };
  throw new TypeError(`A ${typeof value} that is not JSON cannot be stored`);
}

/** An object, without those of its fields that are undefined. */
export function toAttributes(fields: object): Record<string, AttributeValue> {
  const present = (Object.entries(fields) as [string, unknown][]).filter(([, value]) => value !== undefined);
  // From entries, not by assignment: a field named __proto__ must stay a field.
  return Object.fromEntries(present.map(([name, value]) => [name, toAttribute(value)]));
}

/** Sets and binaries, which `toAttribute` never writes, come back as the SDK has them. */
export function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return fromAttributes(attribute.M);
  return attribute;
}

export function fromAttributes(
  attributes: Readonly<Record<string, AttributeValue>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, fromAttribute(attribute)]),
  );
}
