import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';

import { sizeTable } from '../../infra/cli/commands/size.ts';
import { stackSizes } from '../../infra/cli/size/stack-sizes.ts';
import { colorsFor } from '../../infra/terminal/colors.ts';
import { keepers } from './keepers.ts';
import { resourcesIn, stacksOf } from './stacks-of.ts';
import { synthesized, text, type Resource } from './synthesized.ts';

const keptIn = (resources: readonly [string, Resource][]) =>
  Object.fromEntries(resources.filter(([, { Type }]) => keepers.includes(Type)));

describe('a connection in a nested stack', () => {
  const settings = { onCall: { emails: ['on-call@example.com'] } };
  const flat = synthesized(settings);
  const stacks = stacksOf(synthesized({ ...settings, nested: true }));
  const own = resourcesIn(stacks.get('the stack'));
  const nested = [...stacks].flatMap(([name, template]) =>
    name === 'the stack' ? [] : resourcesIn(template),
  );

  it('leaves in the stack, as it was, all that holds something or has a name: a switch replaces none of it', () => {
    expect([...stacks.keys()]).toEqual(['the stack', 'Pagekeeper: mobaro', 'Pagekeeper: bob']);
    expect(keptIn(own)).toEqual(keptIn(Object.entries(flat.resources)));
    expect(keptIn(nested)).toEqual({});
    // Of the watchdog nothing moves.
    const watchdogs = (resources: readonly [string, Resource][]) =>
      resources.filter(([id]) => id.startsWith('Watchdog')).map(([id]) => id);
    expect(watchdogs(own)).toEqual(watchdogs(Object.entries(flat.resources)));
  });

  it('has all the rest of it, and nothing that there could be twice while it moves', () => {
    const counted = (resources: readonly [string, Resource][], type: string): number =>
      resources.filter(([, { Type }]) => Type === type).length;
    for (const type of ['Lambda::Function', 'Scheduler::Schedule', 'CloudWatch::Alarm', 'IAM::Role']) {
      const all = counted(Object.entries(flat.resources), `AWS::${type}`);
      expect(counted(nested, `AWS::${type}`), type).toBeGreaterThan(0);
      expect(counted(own, `AWS::${type}`) + counted(nested, `AWS::${type}`), type).toBe(all);
    }
    const namesIn = (resources: readonly [string, Resource][]): string[] =>
      resources.flatMap(([, { Properties = {} }]) =>
        Object.entries(Properties as Record<string, unknown>).flatMap(([property, value]) =>
          /^(|Alarm|Function|LogGroup|Queue|Role|Topic)Name$/.test(property) && typeof value === 'string'
            ? [value]
            : [],
        ),
      );
    const before = new Set(namesIn(Object.entries(flat.resources)));
    const names = namesIn(nested);
    expect(names).toContain('Pagekeeper mobaro, failing');
    expect(names.filter((name) => before.has(name))).toEqual([]);
  });
});

describe('a connection in a nested stack, with a key of one’s own', () => {
  it('has its roles in the stack, where they may use the key before anything is encrypted with it', () => {
    const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
    const resources = resourcesIn(stacksOf(synthesized({ nested: true, kmsKey })).get('the stack'));
    const policies = resources.map(([id]) => id).filter((id) => /^Connection.*KeyPolicy/.test(id));
    expect(policies).toHaveLength(4);
    const tables = resources.filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const [, table] of tables) {
      const { DependsOn } = table as unknown as { DependsOn?: readonly string[] };
      expect(DependsOn).toEqual(expect.arrayContaining(policies));
    }
  });
});

describe('a connection that is too large for a stack by itself', () => {
  it('is told by name', () => {
    const streams = Object.fromEntries(
      Array.from({ length: 490 }, (_, index) => [`users-${String(index)}`, { of: 'users' }]),
    );
    expect(() => synthesized({ connections: { mobaro: { streams } } })).toThrow(
      /^pagekeeper\.connections\.mobaro\.streams: make \d+ resources, and CloudFormation allows 500 in a stack; choose fewer streams/,
    );
  });
});

describe('a template that is too long', () => {
  it('is told when it is synthesized', () => {
    const baseUrl = `https://vendor.example/${'x'.repeat(1_100_000)}`;
    expect(() => synthesized({ connections: { mobaro: { baseUrl } } })).toThrow(
      /^pagekeeper\.connections: make a template of \d+ bytes, and CloudFormation takes 1000000; /,
    );
  });
});

describe('the nested stacks', () => {
  it('are told where they were not asked for, and only there', () => {
    const toldBy = (settings: object) =>
      Annotations.fromStack(synthesized(settings).app.stack).findInfo(
        '*',
        Match.stringLikeRegexp('in nested stacks'),
      );
    expect(toldBy({ nested: true })).toEqual([]);
    const many = Array.from(
      { length: 20 },
      (_, index) => [`m${String(index)}`, { connector: 'mobaro' }] as const,
    );
    expect(toldBy({ connections: Object.fromEntries(many) })).toHaveLength(1);
  });
});

describe('the size of a stack', () => {
  it('is counted with what is only known at deploy', () => {
    const long = { 'Fn::Join': ['', ['12345', { Ref: 'Queue' }]] };
    const template = {
      Parameters: { A: {} },
      Outputs: { B: {}, C: {} },
      Resources: {
        Small: { Type: 'AWS::Lambda::Function', Properties: {} },
        Large: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { KEY: long } } } },
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: { Roles: ['role'], PolicyDocument: { Resource: ['*', long] } },
        },
        Queue: { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { A: 'b' } } },
      },
    };
    const [stack] = stackSizes({ stackName: 'Test', template });
    expect(stack).toMatchObject({
      name: 'Test',
      sizes: {
        resources: { value: 4, of: null },
        environment: { value: 3 + 5 + 140, of: 'Large' },
        inline: { of: '["role"]' },
        resource: { value: '{"A":"b"}'.length, of: 'Queue' },
        parameters: { value: 1 },
        outputs: { value: 2 },
      },
    });
    expect(stack?.sizes.inline.value).toBe('{"Resource":["*","12345"]}'.length + 140);
    expect(text(long)).toBe('12345<Queue>');
  });

  it('is shown beside what AWS allows, in 80 columns', () => {
    const template = { Resources: { Q: { Type: 'AWS::SQS::Queue' } } };
    const nested = new Map([['a', { ...template, Description: 'Pagekeeper: mobaro' }]]);
    const sizes = stackSizes({ stackName: 'Pagekeeper', template, nested });
    const shown = sizeTable(sizes, colorsFor(process.stdout, { NO_COLOR: '1' }));
    const lines = shown.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(shown).toMatch(/^ Pagekeeper: mobaro +1 /m);
    expect(shown).toMatch(/^ AWS allows +500 +1,000,000 +4,096 +10,240 +8,192 +200 +200$/m);
  });
});
