import type { AlarmModel, RuleModel } from '../template/template-model.ts';
import { matchesPattern, transformInput } from './event-pattern.ts';
import {
  actionsOf,
  invocationEvent,
  notificationOf,
  stateChangeEvent,
  type Previous,
  type Transition,
} from './notification.ts';

export interface Publication {
  readonly topicArn: string;
  /** As an e-mail's; null where it is published without one. */
  readonly subject: string | null;
  readonly message: string;
}

/** What is published of a transition: by the alarm's own actions, and by the rules for its event. Pure. */
export function publicationsOf(
  alarm: AlarmModel,
  transition: Transition,
  previous: Previous,
  rules: readonly RuleModel[],
): readonly Publication[] {
  const notification = notificationOf(alarm, transition);
  const event = stateChangeEvent(alarm, transition, previous);
  return [
    ...actionsOf(alarm, transition.to)
      .filter((target) => 'topicArn' in target)
      .map(({ topicArn }) => ({ topicArn, ...notification })),
    ...rules
      .filter(({ pattern }) => matchesPattern(pattern, event))
      .flatMap(({ targets }) => targets)
      .map(({ topicArn, input }) => ({
        topicArn,
        subject: null,
        message: input === null ? JSON.stringify(event) : transformInput(input, event),
      })),
  ];
}

export interface AlarmInvocation {
  readonly functionName: string;
  readonly event: unknown;
}

/** The functions that are invoked for a transition, by the alarm's own actions. Pure. */
export function invocationsOf(
  alarm: AlarmModel,
  transition: Transition,
  previous: Previous,
): readonly AlarmInvocation[] {
  const event = invocationEvent(alarm, transition, previous);
  return actionsOf(alarm, transition.to)
    .filter((target) => 'functionName' in target)
    .map(({ functionName }) => ({ functionName, event }));
}
