import { describe, expect, it } from 'vitest';

import {
  onCallFindings,
  type Subscription,
  type Subscriptions,
} from '../../../../infra/cli/commands/check-on-call.ts';
import type { HttpsTarget, OnCallTargets } from '../../../../infra/settings/settings.ts';

const none: OnCallTargets = { emails: [], https: [], slack: null };

const topicArn = 'arn:aws:sns:eu-west-1:123456789012:topic';

const email = (endpoint: string, confirmed = true): Subscription => ({
  topicArn,
  protocol: 'email',
  endpoint,
  confirmed,
});
const https = (endpoint: string, confirmed = true): Subscription => ({
  topicArn,
  protocol: 'https',
  endpoint,
  confirmed,
});

/** As the deployment of this version subscribes them; what somebody has subscribed by hand is where they have put it. */
function ofTopics(found: readonly Subscription[]): Subscriptions {
  const isOfMachines = ({ protocol, endpoint }: Subscription): boolean =>
    protocol === 'https' && !endpoint.includes('chatbot');
  return {
    people: found.filter((one) => !isOfMachines(one)),
    machines: found.filter((one) => isOfMachines(one)),
  };
}

/** Where a test is about pages, tickets are well. */
const tickets: Partial<OnCallTargets> = { emails: ['tickets@example.com'] };
const ticketsFound = [email('tickets@example.com')];

function sentences(
  page: Partial<OnCallTargets>,
  found: Subscriptions,
  ticket: Partial<OnCallTargets> = tickets,
  ofTickets: Subscriptions = ofTopics(ticketsFound),
): readonly string[] {
  const onCall = { page: { ...none, ...page }, ticket: { ...none, ...ticket } };
  return onCallFindings(onCall, { page: found, ticket: ofTickets }).map(
    ({ verdict, sentence }) => `${verdict}: ${sentence}`,
  );
}

function findings(
  page: Partial<OnCallTargets>,
  found: readonly Subscription[],
  ticket: Partial<OnCallTargets> = tickets,
  ofTickets: readonly Subscription[] = ticketsFound,
): readonly string[] {
  return sentences(page, ofTopics(found), ticket, ofTopics(ofTickets));
}

describe('who is told of alarms', () => {
  it('is as the settings say, whatever case an address is in, and whoever subscribed beside them', () => {
    const found = [email('A@Example.com'), email('by-hand@example.com')];
    expect(
      findings({ emails: ['a@example.com'] }, found, { emails: ['t@example.com'] }, [email('t@example.com')]),
    ).toEqual([
      'good: on-call: 2 subscriptions for pages and 1 for tickets, all of them confirmed, none of the settings missing.',
    ]);
  });

  it('names each address that is not subscribed any more, of both topics', () => {
    const page = { emails: ['a@example.com', 'b@example.com'] };
    expect(findings(page, [email('a@example.com')], { emails: ['t@example.com'] }, [])).toEqual([
      expect.stringMatching(
        /^fault: on-call: email b@example\.com is in the settings for pages and not subscribed, .* confirm\.$/,
      ),
      expect.stringMatching(
        /^fault: on-call: email t@example\.com is in the settings for tickets and not subscribed/,
      ),
    ]);
  });

  it('names each address that has yet to confirm, and nothing of the key in one', () => {
    const hook = 'https://pager.example/key-1';
    const told = findings({ emails: ['a@example.com'], https: [hook] }, [
      email('a@example.com', false),
      https(hook, false),
    ]);
    expect(told).toEqual([
      expect.stringMatching(/^fault: on-call: email a@example\.com has not confirmed that it wants pages/),
      expect.stringMatching(/^fault: on-call: https pager\.example has not confirmed that it wants pages/),
    ]);
    expect(told.join()).not.toContain('key-1');
    // As docs/deploy.md has it.
    expect(told[0]).toMatch(
      / and not by its link, .*: aws sns confirm-subscription --topic-arn arn:aws:sns:eu-west-1:123456789012:topic --token TOKEN --authenticate-on-unsubscribe true$/,
    );
  });

  it('looks for a URL among the machines, and for mail and chat among the people', () => {
    const hook = 'https://pager.example/key-1';
    const chat = https('https://global.sns-api.chatbot.amazonaws.com');
    const slack = { workspaceId: 'T0123', channelId: 'C0123' };
    const settings = { emails: ['a@example.com'], https: [hook], slack };
    const right = { people: [email('a@example.com'), chat], machines: [https(hook)] };
    expect(sentences(settings, right)).toEqual([
      expect.stringMatching(/^good: on-call: 3 subscriptions for pages and 1 for tickets/),
    ]);
    // As a version with one topic had it, and the other way round.
    expect(sentences(settings, { people: right.machines, machines: right.people })).toEqual([
      expect.stringMatching(/^fault: on-call: email a@example\.com is in the settings for pages/),
      expect.stringMatching(/^fault: on-call: https pager\.example is in the settings for pages/),
      expect.stringMatching(/^fault: on-call: Slack channel C0123 is in the settings for pages/),
    ]);
  });

  it('counts a person who is told by a machine alone', () => {
    expect(sentences({}, { people: [], machines: [https('https://pager.example/key')] })[0]).toMatch(/^good/);
  });

  it('takes another path for another address', () => {
    const https_ = ['https://Pager.example/KEYa'];
    expect(findings({ https: https_ }, [https('https://pager.example/KEYa')])[0]).toMatch(/^good/);
    expect(findings({ https: https_ }, [https('https://pager.example/keya')])[0]).toMatch(/^fault/);
  });

  it('says that nobody is told where the settings name nobody and nobody has subscribed', () => {
    expect(findings({}, [], {}, [])).toEqual([
      'fault: on-call: no page reaches a person. Name a target in onCall, in cdk.json, and deploy.',
      expect.stringMatching(
        /^fault: on-call: no ticket reaches a person: tickets go to the emails of onCall/,
      ),
    ]);
    // Somebody who has subscribed by hand hears, and what is pending has its own sentence.
    expect(findings({}, [email('a@example.com')], {}, [email('a@example.com')])[0]).toMatch(/^good/);
    expect(findings({}, [email('a@example.com', false)], {}, [email('a@example.com')])).toEqual([
      expect.stringMatching(/^fault: on-call: email a@example\.com has not confirmed/),
    ]);
  });

  it('says that nobody gets tickets where only a pager or Slack is named', () => {
    const hook = 'https://pager.example/key';
    expect(findings({ https: [hook] }, [https(hook)], {}, [])).toEqual([
      expect.stringMatching(/^fault: on-call: no ticket reaches a person/),
    ]);
  });

  it.each<[string, readonly HttpsTarget[], readonly Subscription[], boolean]>([
    ['is there', [{ secret: 'pager' }], [https('https://pager.example/key')], true],
    ['is missing', [{ parameter: '/pager' }], [], false],
    [
      'is missing beside another',
      [{ secret: 'pager' }, 'https://b.example/'],
      [https('https://b.example/')],
      false,
    ],
    [
      'is not the chat of Slack',
      [{ secret: 'pager' }],
      [https('https://global.sns-api.chatbot.amazonaws.com')],
      false,
    ],
  ])('a URL that is kept elsewhere %s', (_, targets, found, isThere) => {
    const [sentence] = findings({ https: targets }, found);
    if (isThere) expect(sentence).toMatch(/^good: .* kept elsewhere is shown by test-alarm\.$/);
    else expect(sentence).toMatch(/a URL that is kept in a secret or parameter is in the settings for pages/);
  });

  it.each([
    ['holds its channel', [https('https://global.sns-api.chatbot.amazonaws.com')], /^good/],
    ['has lost its channel', [], /Slack channel C0123 is in the settings for pages and not subscribed/],
  ])('Amazon Q %s', (_, found, words) => {
    const slack = { workspaceId: 'T0123', channelId: 'C0123' };
    expect(findings({ slack }, found)[0]).toMatch(words);
  });
});
