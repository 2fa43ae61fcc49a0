import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { maxReceiveCount } from '../../lib/sync/redrive.ts';
import { visibilitySecondsOf } from '../../lib/sync/settings.ts';

/** Of a queue's messages, once they are dead: SQS counts from when they were first sent, so more than the page queue's. */
const deadLetterDays = 14;
const pageDays = 4;

/** Where the next page of a run is asked for, and where a message ends that could not be handled. */
export class PageQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @param functionTimeoutSeconds of the function that works on the queue. */
  constructor(scope: Construct, id: string, functionTimeoutSeconds: number) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.queue = new Queue(this, 'Pages', {
      visibilityTimeout: Duration.seconds(visibilitySecondsOf(functionTimeoutSeconds)),
      retentionPeriod: Duration.days(pageDays),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }
}

export function deadLetterQueue(scope: Construct, id: string): Queue {
  return new Queue(scope, id, {
    retentionPeriod: Duration.days(deadLetterDays),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
}
