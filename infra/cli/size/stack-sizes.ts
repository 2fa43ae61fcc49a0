import { isObject } from '../../emulator/template/intrinsics.ts';
import type { TemplateSource } from '../../emulator/template/open-stacks.ts';
import type { awsLimits } from '../../settings/aws-limits.ts';
import { referenceLength } from '../../settings/names.ts';

export type Size = keyof typeof awsLimits;

export interface StackSizes {
  readonly name: string;
  /** Of each the largest that there is in the stack, and where: a logical id; null where there is none or it is the stack's own. */
  readonly sizes: Readonly<Record<Size, { readonly value: number; readonly of: string | null }>>;
}

/** Of the stack, and of those that are nested in it. @param bytes of a template, as the CDK writes it */
export function stackSizes(
  { stackName, template, nested = new Map() }: TemplateSource,
  bytes: (template: unknown) => number = (one) => Buffer.byteLength(JSON.stringify(one, null, 1)),
): readonly StackSizes[] {
  return [
    sizesOf(stackName, template, bytes),
    ...[...nested.values()].map((one) => sizesOf(titleOf(one), one, bytes)),
  ];
}

/** A nested stack describes itself: its name is given at deploy. */
function titleOf(template: unknown): string {
  const description = isObject(template) ? template['Description'] : undefined;
  return typeof description === 'string' ? description : 'a nested stack';
}

function sizesOf(name: string, template: unknown, bytes: (template: unknown) => number): StackSizes {
  const { Resources = {}, Parameters = {}, Outputs = {} } = template as Readonly<Record<string, object>>;
  const resources = Object.entries(Resources) as [string, Resource][];
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
  const largest = (found: readonly (readonly [string, number])[]) =>
    found.reduce<{ value: number; of: string | null }>(
      (most, [of, value]) => (value > most.value ? { value, of } : most),
      { value: 0, of: null },
    );
  const own = (value: number) => ({ value, of: null });
  const policies = (types: readonly string[]) =>
    types.flatMap(ofType).map(([id, { Properties = {} }]): [string, number] => {
      const { PolicyDocument, KeyPolicy } = Properties;
      return [id, lengthOf(PolicyDocument ?? KeyPolicy)];
    });
  return {
    name,
    sizes: {
      resources: own(resources.length),
      template: own(bytes(template)),
      environment: largest(
        ofType('AWS::Lambda::Function').map(([id, { Properties = {} }]) => [
          id,
          environmentLength(Properties['Environment']),
        ]),
      ),
      inline: largest(sums(ofType('AWS::IAM::Policy'))),
      resource: largest(policies(['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'])),
      parameters: own(Object.keys(Parameters).length),
      outputs: own(Object.keys(Outputs).length),
    },
  };
}

/** The inline policies of a role count together. */
function sums(policies: readonly [string, Resource][]): [string, number][] {
  const ofRole = new Map<string, number>();
  for (const [, { Properties = {} }] of policies) {
    const role = JSON.stringify(Properties['Roles']);
    ofRole.set(role, (ofRole.get(role) ?? 0) + lengthOf(Properties['PolicyDocument']));
  }
  return [...ofRole];
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

function environmentLength(environment: unknown): number {
  const variables = isObject(environment) ? environment['Variables'] : undefined;
  if (!isObject(variables)) return 0;
  return Object.entries(variables).reduce((sum, [name, value]) => sum + name.length + textLength(value), 0);
}

/** Of a text that may be put together at deploy. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isObject(value)) {
    const join = value['Fn::Join'];
    if (Array.isArray(join)) {
      const [delimiter, parts] = join as [string, unknown[]];
      return parts.reduce<number>(
        (sum, part) => sum + textLength(part),
        delimiter.length * (parts.length - 1),
      );
    }
  }
  return lengthOfReference(value);
}

/** Partition, region and account are short: `ap-southeast-2`. */
function lengthOfReference(value: unknown): number {
  const isPseudo = isObject(value) && /^AWS::(Partition|Region|AccountId)$/.test(String(value['Ref']));
  return isPseudo ? 14 : referenceLength;
}

/** Of a policy, as JSON without blanks. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + lengthOf(item) + 1, 1);
  if (!isObject(value)) return JSON.stringify(value).length;
  const [name = ''] = Object.keys(value);
  if (name === 'Ref' || name.startsWith('Fn::')) return textLength(value) + 2;
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + 4 + lengthOf(item), 1);
}
