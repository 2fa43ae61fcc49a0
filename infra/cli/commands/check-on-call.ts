import { paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';

import type { Severity } from '../../../lib/on-call/alarm-kinds.ts';
import type { Finding } from '../../../lib/operations/check.ts';
import type { Listeners } from '../../settings/names.ts';
import type { OnCallTargets, Settings } from '../../settings/settings.ts';
import { counted } from '../../terminal/words.ts';
import type { Deployment } from '../store/deployment.ts';
import { ownFinding } from './finding.ts';

/** As SNS lists it. */
export interface Subscription {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
}

/** To the topics of one severity. */
export type Subscriptions = Readonly<Record<Listeners, readonly Subscription[]>>;

const severities = ['page', 'ticket'] as const satisfies readonly Severity[];

/** Compares who is subscribed to the topics of a deployment with who should be by the settings. */
export async function checkOnCall(
  deployment: Deployment,
  onCall: Settings['onCall'],
): Promise<readonly Finding[]> {
  const subscriptions = async (severity: Severity): Promise<Subscriptions> => ({
    people: await subscriptionsOf(deployment, severity, 'people'),
    machines: await subscriptionsOf(deployment, severity, 'machines'),
  });
  return onCallFindings(onCall, {
    page: await subscriptions('page'),
    ticket: await subscriptions('ticket'),
  });
}

async function subscriptionsOf(
  deployment: Deployment,
  severity: Severity,
  listeners: Listeners,
): Promise<readonly Subscription[]> {
  const TopicArn = await deployment.topicArn(severity, listeners);
  const found: Subscription[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client: deployment.sns }, { TopicArn })) {
    for (const { SubscriptionArn, Protocol = '', Endpoint = '' } of page.Subscriptions ?? []) {
      // Of one that was removed SNS goes on to tell for a while.
      if (SubscriptionArn === 'Deleted') continue;
      const confirmed = SubscriptionArn !== 'PendingConfirmation';
      found.push({ topicArn: TopicArn, protocol: Protocol, endpoint: Endpoint, confirmed });
    }
  }
  return found;
}

/** Pure. */
export function onCallFindings(
  onCall: Settings['onCall'],
  found: Readonly<Record<Severity, Subscriptions>>,
): readonly Finding[] {
  const all = (severity: Severity): readonly Subscription[] => [
    ...found[severity].people,
    ...found[severity].machines,
  ];
  const faults = severities.flatMap((severity) => [
    ...lostOf(onCall[severity], found[severity]).map((who) => lost(who, severity)),
    ...all(severity)
      .filter(({ confirmed }) => !confirmed)
      .map((one) => pending(one, severity)),
  ]);
  const confirmed = (severity: Severity): number => all(severity).filter((one) => one.confirmed).length;
  // Where the settings name somebody who is not there, a sentence has said so already.
  for (const severity of severities) {
    if (all(severity).length === 0 && isEmpty(onCall[severity])) faults.push(unheard[severity]);
  }
  if (faults.length > 0) return faults.map((sentence) => ownFinding('on-call', 'fault', sentence));
  const told = `${counted(confirmed('page'), 'subscription')} for pages and ${String(confirmed('ticket'))} for tickets, all of them confirmed`;
  // The address of a URL that is kept elsewhere is not known here: only that there is one more than the others.
  const hasKept = severities.some((severity) =>
    onCall[severity].https.some((target) => typeof target !== 'string'),
  );
  const rest = hasKept ? ' Whether one is the URL that is kept elsewhere is shown by test-alarm.' : '';
  return [ownFinding('on-call', 'good', `${told}, none of the settings missing.${rest}`)];
}

const unheard: Readonly<Record<Severity, string>> = {
  page: 'no page reaches a person. Name a target in onCall, in cdk.json, and deploy.',
  ticket:
    'no ticket reaches a person: tickets go to the emails of onCall, or to onCall.tickets where that names somebody. ' +
    'Name a target in either, in cdk.json, and deploy.',
};

function isEmpty({ emails, https, slack }: OnCallTargets): boolean {
  return emails.length + https.length === 0 && slack === null;
}

function lost(who: string, severity: Severity): string {
  return (
    `${who} is in the settings for ${severity}s and not subscribed, so nothing is sent there. A deployment that changes nothing ` +
    'does not bring it back: take it out of onCall, deploy, put it in again, deploy, and confirm.'
  );
}

/** By its link anybody could unsubscribe, too, and a scanner of mail follows every link. */
function pending({ topicArn, protocol, endpoint }: Subscription, severity: Severity): string {
  return (
    `${protocol} ${shown(endpoint)} has not confirmed that it wants ${severity}s, so nothing is sent there. Confirm with the Token ` +
    'in the message from SNS and not by its link, so that no scanner of mail can unsubscribe: ' +
    `aws sns confirm-subscription --topic-arn ${topicArn} --token TOKEN --authenticate-on-unsubscribe true`
  );
}

/** In words, the targets of the settings that SNS does not know: mail and chat are for people, URLs for machines. */
function lostOf(targets: OnCallTargets, { people, machines }: Subscriptions): readonly string[] {
  const isMailed = (email: string): boolean =>
    people.some(({ protocol, endpoint }) => protocol === 'email' && sameAddress(endpoint, email));
  const called = machines.filter(({ protocol }) => protocol === 'https');
  const isCalled = (url: string): boolean => called.some(({ endpoint }) => sameAddress(endpoint, url));
  const urls = targets.https.filter((target) => typeof target === 'string');
  // The URL itself is in a secret or a parameter; what is left over must be it.
  const kept = targets.https.length - urls.length;
  const others = called.filter(({ endpoint }) => !urls.some((url) => sameAddress(url, endpoint)));
  return [
    ...targets.emails.filter((email) => !isMailed(email)).map((email) => `email ${email}`),
    ...urls.filter((url) => !isCalled(url)).map((url) => `https ${shown(url)}`),
    ...(others.length < kept ? ['a URL that is kept in a secret or parameter'] : []),
    ...(targets.slack !== null && !people.some(isOfChat) ? [`Slack channel ${targets.slack.channelId}`] : []),
  ];
}

/** The host of a URL and an e-mail address are written in any case, the path of a URL is not. */
function sameAddress(a: string, b: string): boolean {
  const plain = (address: string): string =>
    URL.canParse(address) ? new URL(address).href : address.toLowerCase();
  return plain(a) === plain(b);
}

/** Amazon Q in chat applications subscribes with an address of its own. */
function isOfChat({ endpoint }: Subscription): boolean {
  return URL.canParse(endpoint) && new URL(endpoint).hostname.endsWith('chatbot.amazonaws.com');
}

/** An address of PagerDuty's or the like holds a key. */
function shown(endpoint: string): string {
  return URL.canParse(endpoint) && endpoint.startsWith('http') ? new URL(endpoint).host : endpoint;
}
