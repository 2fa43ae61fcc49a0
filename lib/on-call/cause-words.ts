import type { Connector } from '../connectors/connector.ts';
import { adviceFor } from './alarm-texts.ts';
import type { Cause } from './cause.ts';

/** What is behind a trouble, and what to do about it. */
export interface CauseWords {
  /** A sentence; null where the headline says it. */
  readonly why: string | null;
  readonly advice: string;
}

/** @property isAll all streams of the connection have it @property isLasting it is worth a page by now: to wait is no advice any more */
export function causeWords(
  cause: Cause,
  connector: Connector,
  { isAll, isLasting }: { readonly isAll: boolean; readonly isLasting: boolean },
): CauseWords {
  const { title } = connector;
  const advice = adviceFor(connector);
  switch (cause) {
    case 'unauthorized':
      return { why: null, advice: advice.unauthorized };
    case 'unconfigured':
      return { why: null, advice: 'If that is intended for now, nothing has to be done.' };
    case 'throttled':
      return { why: null, advice: advice.throttled };
    case 'missing':
      return {
        why: null,
        advice: isAll
          ? `All streams are answered so: check the address (baseUrl), and whether ${title} still knows the account.`
          : advice.missing,
      };
    case 'stale':
      return {
        why: null,
        advice: `Most likely it waits for a limit of ${title}'s, takes longer than its target, its rows move too fast, or its ticks or functions fail. If it always takes so long: a longer schedule, larger pages (pageSize), or another freshnessMinutes.`,
      };
    case 'forbidden':
      return {
        why: 'Access is refused (403).',
        advice: `Give the user of the key the permission to read it at ${title}.`,
      };
    case 'rejected':
      return {
        why: 'The request is not accepted, or its rows cannot be stored.',
        advice: "Fix the stream's settings or its definition, by the answer.",
      };
    case 'damaged':
      return {
        why: 'What is stored of it is damaged, so that it cannot go on.',
        advice: 'Restore its item of the checkpoints table, stream#NAME, from a backup.',
      };
    case 'deletions':
      return {
        why: `${title} no longer gives so many records that a permission, a filter or a fault may hide them.`,
        advice: 'Hidden: give the access back, and the next complete sync ends it.',
      };
    case 'circles':
      return {
        why: 'Its run went in circles: the same page came again.',
        advice: `Nothing is lost; if it comes again, show it to ${title}.`,
      };
    case 'budget':
      return {
        why: 'Its run took more pages or time than a run may.',
        advice: 'Nothing is lost; larger pages (pageSize) may help.',
      };
    case 'cut short':
      return {
        why: `${title} refuses the rest of its list, run after run.`,
        advice: 'What is further down has not been read: see the runbook for smaller parts.',
      };
    case 'doubt':
      return {
        why: 'No run has vouched for all of its rows for two days.',
        advice: 'What is given is stored, and nothing is deleted. Fix what the reason names.',
      };
    case 'unknown host':
      return {
        why: 'The name of the host is not found.',
        advice: 'If it lasts, check the address (baseUrl) and the name servers.',
      };
    case 'unreachable':
      return {
        why: 'The host takes no connection.',
        advice: 'It is down; if it lasts, look for a firewall or a VPC in the way.',
      };
    case 'tls':
      return {
        why: 'The encrypted connection fails: the certificate of the host is not accepted.',
        advice: `Look whether it has expired, and tell ${title}'s support; a proxy may be in the way.`,
      };
    case 'no answer':
      return {
        why: 'No answer comes in time.',
        advice: 'If it lasts, ask for smaller pages (pageSize) or set a longer timeoutSeconds.',
      };
    case 'broken off':
      return {
        why: 'The connection breaks before the answer is there.',
        advice: 'If it lasts, ask for smaller pages (pageSize), and tell the vendor.',
      };
    case 'server error':
      return {
        why: `${title} has an error of its own (5xx).`,
        advice: isLasting
          ? `Only ${title} can end it: look at its status page, and write to its support.`
          : advice.exhausted,
      };
    case 'too many':
      return { why: `${title} has been asked too often.`, advice: advice.throttled };
    case 'unreadable':
      return {
        why: 'The answers cannot be understood, or are too long.',
        advice: `Check the address (baseUrl) and the path, or show the answer to ${title}; too long: set another maxPageMb.`,
      };
    case 'own fault':
      return {
        why: 'The function met an error of its own.',
        advice: 'Read its log; after AccessDenied deploy again. Otherwise it is a bug.',
      };
  }
}
