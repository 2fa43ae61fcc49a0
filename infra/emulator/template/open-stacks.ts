import { lookupIn, physicalName, type RawResource } from './identities.ts';
import { isObject, resolve, type Lookup } from './intrinsics.ts';
import { lastPart } from './local-account.ts';
import { checkResources, resourcesOf, type Resource } from './read-resources.ts';
import type { ResourceType } from './resource-types.ts';
import { TemplateError, unusable } from './template-error.ts';

export interface TemplateSource {
  readonly stackName: string;
  /** The CloudFormation template, parsed. */
  readonly template: unknown;
  /** Templates of nested stacks, parsed, by the key they have in S3 without `.json`. */
  readonly nested?: ReadonlyMap<string, unknown>;
}

/** A stack, or one that is nested in it. */
export interface OpenStack {
  readonly resources: Readonly<Record<string, RawResource>>;
  /** What is referred to, with queues at this origin. */
  readonly lookupAt: (queueOrigin: string) => Lookup;
  /** The resources of a type. */
  readonly all: <Type extends ResourceType>(type: Type) => Resource<Type>[];
}

/** Sections that say nothing about what runs; a condition only matters where a resource has one. */
const harmlessSections = new Set([
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
]);

const nestedType = 'AWS::CloudFormation::Stack';
const anyOrigin = 'http://127.0.0.1';

/** @returns the stack, and behind it those that are nested in it. @throws TemplateError */
export function openStacks(source: TemplateSource): readonly OpenStack[] {
  return open(source, () => ({}));
}

/** @param given the values of its parameters */
function open(
  { stackName, template, nested = new Map() }: TemplateSource,
  given: (queueOrigin: string) => Readonly<Record<string, unknown>>,
): OpenStack[] {
  if (!isObject(template)) throw new TemplateError('The template is not a JSON object.');
  const strange = Object.keys(template).find((section) => !harmlessSections.has(section));
  if (strange !== undefined)
    throw new TemplateError(`The local runner does not know the section ${strange} of the template.`);
  const resources = checkResources(template['Resources']);
  const parameters = isObject(template['Parameters']) ? template['Parameters'] : {};
  const outputs = new Map<string, (name: string, queueOrigin: string) => unknown>();
  const lookupAt = (queueOrigin: string) =>
    lookupIn({
      ...{ stackName, resources, parameters, queueOrigin },
      given: () => given(queueOrigin),
      outputOf: (logicalId, name) => outputs.get(logicalId)?.(name, queueOrigin),
    });
  const inner = Object.entries(resources)
    .filter(([, { Type }]) => Type === nestedType)
    .flatMap(([logicalId, resource]) => {
      const { Parameters, TemplateURL } = resource.Properties ?? {};
      const key = lastPart(String(resolve(TemplateURL, lookupAt(anyOrigin)))).replace(/\.json$/, '');
      const content = nested.get(key);
      if (content === undefined)
        throw unusable(logicalId, nestedType, `there is no template ${key} in the assembly`);
      const name = physicalName(stackName, logicalId, resource);
      const stacks = open({ stackName: name, template: content, nested }, (queueOrigin) => {
        const values = resolve(Parameters ?? {}, lookupAt(queueOrigin));
        return isObject(values) ? values : {};
      });
      outputs.set(logicalId, (output, queueOrigin) =>
        outputIn(content, output, stacks[0]?.lookupAt(queueOrigin)),
      );
      return stacks;
    });
  const all = <Type extends ResourceType>(type: Type): Resource<Type>[] =>
    resourcesOf(type, resources, stackName, lookupAt(anyOrigin));
  return [{ resources, lookupAt, all }, ...inner];
}

function outputIn(template: unknown, name: string, lookup: Lookup | undefined): unknown {
  const outputs = isObject(template) ? template['Outputs'] : undefined;
  const output = isObject(outputs) ? outputs[name] : undefined;
  return isObject(output) && lookup !== undefined ? resolve(output['Value'], lookup) : undefined;
}
