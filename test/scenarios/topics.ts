import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { AlarmState } from '../../infra/emulator/alarms/evaluate-alarm.ts';
import type { TopicModel } from '../../infra/emulator/template/template-model.ts';
import type { Severity } from '../../lib/on-call/alarm-kinds.ts';

/** Who publishes. `lambda` is the failure destination of the function that tells people. */
export type Publisher = 'alarm' | 'teller' | 'watchdog' | 'lambda';

/** What was published to a topic, as those who listen get it. */
export interface Notice {
  /** Epoch milliseconds, virtual. */
  readonly at: number;
  readonly to: 'people' | 'machines';
  readonly severity: Severity;
  readonly by: Publisher;
  /** As an e-mail's; null where it was published without one. */
  readonly subject: string | null;
  /** What an e-mail says. */
  readonly text: string;
  /** What chats get, and pagers: JSON. */
  readonly json: string;
  /** The alarm and its state, where the JSON is CloudWatch's. */
  readonly alarm: string | null;
  readonly state: AlarmState | null;
}

interface Publication {
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  /** Another message for each kind of subscriber, as JSON. */
  readonly isOfMany?: boolean;
}

/** The topics of a deployment, and all that has been published to them. */
export class Topics {
  readonly notices: Notice[] = [];
  /** Those whom the topics do not let in, say for a policy that somebody has changed. */
  readonly refused = new Set<Publisher>();
  readonly #models: readonly TopicModel[];
  readonly #now: () => number;

  constructor(models: readonly TopicModel[], now: () => number) {
    this.#models = models;
    this.#now = now;
  }

  arnOf(to: Notice['to'], severity: Severity): string {
    const topic = this.#models.find(({ arn }) => audienceOf(arn) === to && severityOf(arn) === severity);
    if (topic === undefined) throw new Error(`No topic for ${severity}s of ${to}`);
    return topic.arn;
  }

  publish(by: Publisher, { topicArn, subject, message, isOfMany = false }: Publication): void {
    if (this.refused.has(by)) throw new Error('AuthorizationErrorException: the topic refuses');
    const ofMany = isOfMany ? (JSON.parse(message) as Record<string, string>) : {};
    const json = ofMany['https'] ?? ofMany['default'] ?? message;
    const { AlarmName, NewStateValue } = JSON.parse(json) as Record<string, string>;
    this.notices.push({
      at: this.#now(),
      to: audienceOf(topicArn),
      severity: severityOf(topicArn),
      ...{ by, subject, text: ofMany['email'] ?? message, json },
      alarm: AlarmName ?? null,
      state: (NewStateValue as AlarmState | undefined) ?? null,
    });
  }

  /** For who has nobody to tell that it is refused. */
  tryToPublish(by: Publisher, publication: Publication): void {
    if (!this.refused.has(by)) this.publish(by, publication);
  }

  /** For the adapters that publish. */
  clientOf(by: Publisher): SNSClient {
    const send = async (command: unknown): Promise<object> => {
      if (!(command instanceof PublishCommand)) throw new Error('Only PublishCommand is understood');
      const { TopicArn = '', Subject = null, Message = '', MessageStructure } = command.input;
      const isOfMany = MessageStructure === 'json';
      this.publish(by, { topicArn: TopicArn, subject: Subject, message: Message, isOfMany });
      return {};
    };
    return { send } as unknown as SNSClient;
  }
}

function audienceOf(topicArn: string): Notice['to'] {
  return topicArn.includes('OfMachines') ? 'machines' : 'people';
}

function severityOf(topicArn: string): Severity {
  return topicArn.includes('Tickets') ? 'ticket' : 'page';
}
