import type { z } from 'zod';

import { isObject, resolve, type Lookup } from './intrinsics.ts';
import { physicalName, type RawResource } from './identities.ts';
import { withoutIrrelevant } from './irrelevant.ts';
import { irrelevantTypes, resourceTypes, type PropertiesOf, type ResourceType } from './resource-types.ts';
import { TemplateError, unknownProperty, unknownType, unusable, wrongProperty } from './template-error.ts';

export interface Resource<Type extends ResourceType> {
  readonly logicalId: string;
  readonly name: string;
  readonly properties: PropertiesOf<Type>;
}

/** Attributes of a resource beside its type and properties. The rest, such as `UpdatePolicy`, changes what is deployed. */
const harmlessAttributes = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
]);

/**
 * Checks that each resource is of a known type and has nothing but known properties.
 * @throws TemplateError for the first one that does not.
 */
export function checkResources(raw: unknown): Readonly<Record<string, RawResource>> {
  if (!isObject(raw)) throw new TemplateError('The template has no resources.');
  for (const [logicalId, resource] of Object.entries(raw)) {
    if (!isObject(resource) || typeof resource['Type'] !== 'string') {
      throw new TemplateError(`${logicalId} has no type.`);
    }
    const type = resource['Type'];
    if (type in irrelevantTypes) continue;
    if (!(type in resourceTypes)) throw unknownType(logicalId, type);
    const strange = Object.keys(resource).find((attribute) => !harmlessAttributes.has(attribute));
    if (strange !== undefined) throw unknownProperty(logicalId, type, strange);
  }
  return raw as Record<string, RawResource>;
}

/** All resources of one type, by logical id, with their properties resolved and checked. */
export function resourcesOf<Type extends ResourceType>(
  type: Type,
  resources: Readonly<Record<string, RawResource>>,
  stackName: string,
  lookup: Lookup,
): Resource<Type>[] {
  return Object.entries(resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({
      logicalId,
      name: physicalName(stackName, logicalId, resource),
      properties: propertiesOf(type, logicalId, resource, lookup),
    }));
}

function propertiesOf<Type extends ResourceType>(
  type: Type,
  logicalId: string,
  resource: RawResource,
  lookup: Lookup,
): PropertiesOf<Type> {
  const properties = resource.Properties ?? {};
  const schema: z.ZodType = resourceTypes[type];
  const relevant = withoutIrrelevant(schema, properties);
  const result = schema.safeParse(resolved(type, logicalId, relevant, lookup));
  if (result.success) return result.data as PropertiesOf<Type>;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    throw unknownProperty(logicalId, type, [...(path === '' ? [] : [path]), issue.keys[0]].join('.'));
  }
  throw wrongProperty(logicalId, type, path, issue?.message ?? 'it is wrong');
}

function resolved(type: string, logicalId: string, value: unknown, lookup: Lookup): unknown {
  try {
    return resolve(value, lookup);
  } catch (error) {
    throw unusable(logicalId, type, error instanceof Error ? error.message : String(error));
  }
}
