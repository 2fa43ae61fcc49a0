import type { PublishCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  startEmbeddedQueues,
  type EmbeddedQueues,
} from '../../../infra/emulator/embedded/embedded-queues.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { localArn } from '../../../infra/emulator/template/local-account.ts';
import { SnsMachines } from '../../../lib/aws/sns-machines.ts';
import { SnsPeople } from '../../../lib/aws/sns-people.ts';
import { subjectOf, type Message } from '../../../lib/on-call/message.ts';
import type { AlarmChange } from '../../../lib/on-call/alarm-change.ts';

/** What a topic takes, as SNS has it: its rules for subjects and for bodies by protocol are in publish-to-sns.ts. */
let queues: EmbeddedQueues;
const names = ['pages', 'tickets'];
const [page, ticket] = names.map((name) => localArn('sns', name)) as [string, string];
/** The bodies by protocol that went out. */
let bodies: Record<string, string>[] = [];

beforeAll(async () => {
  const topics = names.map((name) => ({ name, arn: localArn('sns', name) }));
  queues = await startEmbeddedQueues({ queues: [], subscriptions: [], topics }, newAccessKey());
  queues.sns.middlewareStack.add((next) => (args) => {
    const { Message: body = '', MessageStructure } = args.input as PublishCommand['input'];
    if (MessageStructure === 'json') bodies.push(JSON.parse(body) as Record<string, string>);
    return next(args);
  });
});
afterAll(() => queues.close());
beforeEach(() => {
  bodies = [];
  queues.takeNotifications();
});

const message: Message = {
  severity: 'page',
  subject: 'PAGE Pagekeeper: mobaro not found (404): users',
  text: [
    'Mobaro (mobaro) answers that what is asked for does not exist (404).',
    'Last answer: HTTP 404: <!channel> & more',
    'Then:',
    '  npx pagekeeper resume mobaro/users --stack Pagekeeper',
    'Dashboard:',
    '  https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#a*20b',
  ].join('\n'),
  thread: 'Pagekeeper-mobaro-missing-5',
};

describe('SnsPeople', () => {
  it('sends a mail that can be read, and to all else what Amazon Q shows in a channel, in one thread', async () => {
    await new SnsPeople(queues.sns, { page, ticket }).send(message);
    const [sent] = queues.takeNotifications();
    expect(sent).toEqual({ topic: 'pages', subject: message.subject, message: message.text });
    const [body] = bodies;
    expect(body?.['https']).toBe(body?.['default']);
    expect(JSON.parse(body?.['default'] ?? '')).toEqual({
      version: '1.0',
      source: 'custom',
      content: {
        textType: 'client-markdown',
        title: message.subject,
        description: [
          'Mobaro (mobaro) answers that what is asked for does not exist (404).',
          'Last answer: HTTP 404: &lt;!channel&gt; &amp; more',
          'Then:',
          '`npx pagekeeper resume mobaro/users --stack Pagekeeper`',
          'Dashboard:',
          '<https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#a*20b>',
        ].join('\n'),
      },
      metadata: { threadId: message.thread, summary: message.subject },
    });
  });

  it('sends tickets to their own topic', async () => {
    await new SnsPeople(queues.sns, { page, ticket }).send({ ...message, severity: 'ticket' });
    expect(queues.takeNotifications()).toMatchObject([{ topic: 'tickets' }]);
  });

  it('has a subject that is taken, however long the name is', async () => {
    const subject = subjectOf(`PAGE ${'ö園'.repeat(80)}`);
    await new SnsPeople(queues.sns, { page, ticket }).send({ ...message, subject });
    expect(queues.takeNotifications()).toMatchObject([{ subject }]);
  });

  it('throws where the topic does not take it', async () => {
    const people = new SnsPeople(queues.sns, { page, ticket });
    await expect(people.send({ ...message, subject: 'no\nsubject' })).rejects.toThrow('Subject');
  });
});

describe('SnsMachines', () => {
  const change: AlarmChange = {
    name: 'Pagekeeper mobaro missing',
    arn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Pagekeeper mobaro missing',
    ...{ region: 'eu-west-1', account: '123456789012', state: 'ALARM', stateBefore: 'OK' },
    at: Date.parse('2026-03-01T12:00:30.250Z'),
    reason: 'Threshold Crossed',
    description: 'what was synthesized',
  };

  it('repeats an alarm in the shape of CloudWatch, under its name and ARN, in words of its own', async () => {
    await new SnsMachines(queues.sns, { page, ticket }).repeat(change, 'page', message.text);
    const [sent] = queues.takeNotifications();
    expect(sent).toMatchObject({
      topic: 'pages',
      subject: 'ALARM: "Pagekeeper mobaro missing" in eu-west-1',
    });
    expect(JSON.parse(sent?.message ?? '')).toEqual({
      AlarmName: change.name,
      AlarmArn: change.arn,
      AlarmDescription: message.text,
      NewStateReason: message.text,
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      StateChangeTime: '2026-03-01T12:00:30.250+0000',
      AWSAccountId: '123456789012',
      Region: 'eu-west-1',
      ...{ OKActions: [], AlarmActions: [], InsufficientDataActions: [] },
    });
  });

  it('repeats an end', async () => {
    const end = { ...change, state: 'OK', stateBefore: 'ALARM' } as const;
    await new SnsMachines(queues.sns, { page, ticket }).repeat(end, 'ticket', 'over');
    expect(queues.takeNotifications()).toMatchObject([
      { topic: 'tickets', subject: 'OK: "Pagekeeper mobaro missing" in eu-west-1' },
    ]);
  });
});
