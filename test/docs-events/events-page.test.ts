import { readFileSync } from 'node:fs';
import path from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Pass, StateMachine, DefinitionBody } from 'aws-cdk-lib/aws-stepfunctions';
import { describe, expect, it } from 'vitest';

import { matchesPattern } from '../../infra/emulator/functions/event-pattern.ts';
import type { EventPattern } from '../../infra/emulator/template/event-filters.ts';
import { readBusEvent } from '../../lib/operations/sent-events.ts';
import { recordsChanged, runEnded, schemaChanged, stateChanged } from '../support/sent-events.ts';
import { afterEachWholeRun, onEachChange, whenRowsWereDeleted } from './listeners.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../docs/events.md'), 'utf8');
const blocksOf = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text ?? '',
  );

const [ended, state, changed, schema] = blocksOf('json').map(
  (text) => JSON.parse(text) as Record<string, unknown>,
);

function busEvent(type: string, detail: unknown): Record<string, unknown> {
  return { source: 'pagekeeper', 'detail-type': type, detail };
}

describe('the examples of events', () => {
  const run = { from: '', to: '', complete: true, counts: {} };

  it.each([
    ['Run Ended', ended, { ...runEnded('a/b').detail, log: run }],
    ['Stream State Changed', state, stateChanged('a/b').detail],
    ['Records Changed', changed, recordsChanged('a/b').detail],
    ['Schema Changed', schema, schemaChanged('a/b').detail],
  ])('have the fields of %s, and are events', (type, example, sent) => {
    expect(Object.keys(example ?? {}).toSorted()).toEqual(Object.keys(sent).toSorted());
    expect(readBusEvent(busEvent(type, example))).toMatchObject({ type, detail: example });
  });

  it('name the fields that the lines of a run have', () => {
    expect(Object.keys(ended?.['log'] as object).toSorted()).toEqual(Object.keys(run).toSorted());
  });
});

describe('the examples of rules', () => {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'Listeners');
  const definitionBody = DefinitionBody.fromChainable(new Pass(stack, 'Pass'));
  afterEachWholeRun(stack, new StateMachine(stack, 'Machine', { definitionBody }));
  const code = Code.fromInline('exports.handler = () => null;');
  const listener = new LambdaFunction(stack, 'Listener', {
    ...{ code, handler: 'index.handler', runtime: Runtime.NODEJS_24_X },
  });
  onEachChange(stack, listener, Bucket.fromBucketName(stack, 'Log', 'changes-of-pagekeeper'));
  whenRowsWereDeleted(stack, new Topic(stack, 'Topic'));
  const rules = Object.entries(Template.fromStack(stack).findResources('AWS::Events::Rule'));

  /** The beginnings of the ids of those rules that an event matches. */
  function matched(type: string, detail: unknown): string[] {
    return rules
      .filter(([, { Properties }]) =>
        matchesPattern((Properties as { EventPattern: EventPattern }).EventPattern, busEvent(type, detail)),
      )
      .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))
      .toSorted();
  }

  it('are compiled as they stand on the page', () => {
    const files = ['listeners.ts', 'on-change.ts'].map((file) =>
      readFileSync(path.join(import.meta.dirname, file), 'utf8'),
    );
    const blocks = blocksOf('ts');
    expect(blocks).toHaveLength(4);
    for (const block of blocks)
      expect(
        files.some((text) => text.includes(block)),
        block,
      ).toBe(true);
  });

  it('are for the events of the page, and for no others', () => {
    expect(matched('Run Ended', ended)).toEqual(['AfterEachWholeRun', 'WhenRowsWereDeleted']);
    expect(matched('Run Ended', { ...ended, deleted: 0 })).toEqual(['AfterEachWholeRun']);
    expect(matched('Run Ended', { ...ended, whole: false, deleted: 0 })).toEqual([]);
    expect(matched('Run Ended', { ...ended, log: null, deleted: 0 })).toEqual([]);
    expect(matched('Records Changed', changed)).toEqual(['OnEachChange']);
    expect(matched('Records Changed', { ...changed, key: null })).toEqual([]);
    expect(matched('Stream State Changed', state)).toEqual([]);
  });
});
