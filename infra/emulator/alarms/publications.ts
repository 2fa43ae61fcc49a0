import type { AlarmModel, RuleModel } from '../template/template-model.ts';
import { matchesPattern, transformInput } from './event-pattern.ts';
import { actionsOf, notificationOf, stateChangeEvent, type Transition } from './notification.ts';

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
  previous: { readonly reason: string; readonly at: number },
  rules: readonly RuleModel[],
): readonly Publication[] {
  const notification = notificationOf(alarm, transition);
  const event = stateChangeEvent(alarm, transition, previous);
  return [
    ...actionsOf(alarm, transition.to).map((topicArn) => ({ topicArn, ...notification })),
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
