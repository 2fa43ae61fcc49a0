/** What a template may refer to. Both throw on a name that they do not know. */
export interface Lookup {
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
}

/** What `AWS::NoValue` resolves to: the property that holds it is left out. */
export const noValue = Symbol('AWS::NoValue');

/**
 * Puts values in the place of CloudFormation's intrinsic functions, all the way down.
 * @throws on an intrinsic function that is not one of Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select and Fn::Split.
 */
export function resolve(value: unknown, lookup: Lookup): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, lookup)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic !== undefined) return call(intrinsic.name, intrinsic.argument, lookup);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, resolve(item, lookup)] as const)
      .filter(([, item]) => item !== noValue),
  );
}

export function isIntrinsic(value: unknown): boolean {
  return isObject(value) && intrinsicOf(value) !== undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function intrinsicOf(
  value: Readonly<Record<string, unknown>>,
): { name: string; argument: unknown } | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

function call(name: string, argument: unknown, lookup: Lookup): unknown {
  switch (name) {
    case 'Ref':
      return lookup.ref(text(name, argument));
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = attributeOf(argument);
      return lookup.getAtt(logicalId, attribute);
    }
    case 'Fn::Join': {
      const [delimiter, items] = pair(name, argument);
      const parts = list(name, resolve(items, lookup));
      return parts.map((part) => text(name, part)).join(text(name, delimiter));
    }
    case 'Fn::Split': {
      const [delimiter, source] = pair(name, argument);
      return text(name, resolve(source, lookup)).split(text(name, delimiter));
    }
    case 'Fn::Select': {
      const [index, items] = pair(name, argument);
      const chosen = list(name, resolve(items, lookup))[Number(resolve(index, lookup))];
      if (chosen === undefined)
        throw new Error(`Fn::Select asks for item ${String(index)}, which is not there`);
      return chosen;
    }
    case 'Fn::Sub':
      return substitute(argument, lookup);
    default:
      throw new Error(`${name} is not understood by the local runner`);
  }
}

/** `${Name}`, `${LogicalId.Attribute}`, and `${!literal}`, which loses its exclamation mark and nothing else. */
function substitute(argument: unknown, lookup: Lookup): string {
  const [template, own] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}];
  const variables = isObject(own) ? own : {};
  return text('Fn::Sub', template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    if (name in variables) return text('Fn::Sub', resolve(variables[name], lookup));
    const dot = name.indexOf('.');
    const value = dot < 0 ? lookup.ref(name) : lookup.getAtt(name.slice(0, dot), name.slice(dot + 1));
    return text('Fn::Sub', value);
  });
}

function attributeOf(argument: unknown): [logicalId: string, attribute: string] {
  const parts = typeof argument === 'string' ? argument.split(/\.(.*)/s) : list('Fn::GetAtt', argument);
  return [text('Fn::GetAtt', parts[0]), text('Fn::GetAtt', parts[1])];
}

function pair(name: string, argument: unknown): [unknown, unknown] {
  const items = list(name, argument);
  if (items.length !== 2) throw new Error(`${name} takes two arguments`);
  return [items[0], items[1]];
}

function list(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} needs a list`);
  return value as unknown[];
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${name} needs a text`);
}
