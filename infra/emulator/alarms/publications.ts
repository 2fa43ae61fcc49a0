import type { AlarmModel } from '../template/template-model.ts';
import {
  actionsOf,
  invocationEvent,
  notificationOf,
  type Previous,
  type Transition,
} from './notification.ts';

export interface Publication {
  readonly topicArn: string;
  /** As an e-mail's. */
  readonly subject: string;
  readonly message: string;
}

/** What is published of a transition, by the alarm's own actions. Pure. */
export function publicationsOf(alarm: AlarmModel, transition: Transition): readonly Publication[] {
  const notification = notificationOf(alarm, transition);
  return actionsOf(alarm, transition.to)
    .filter((target) => 'topicArn' in target)
    .map(({ topicArn }) => ({ topicArn, ...notification }));
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
