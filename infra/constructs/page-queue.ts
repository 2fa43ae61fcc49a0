import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { maxReceiveCount } from '../../lib/sync/redrive.ts';

/** Of a queue's messages, once they are dead: SQS counts from when they were first sent, so more than the page queue's. */
const deadLetterDays = 14;
const pageDays = 4;

/** Where the next page of a run is asked for, and where a message ends that could not be handled. */
export class PageQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly visibilitySeconds: number;

  /** @param functionTimeoutSeconds of the function that works on the queue. */
  constructor(scope: Construct, id: string, functionTimeoutSeconds: number) {
    super(scope, id);
    // AWS's advice for event source mappings; and a lease must end before its message comes back.
    this.visibilitySeconds = 6 * functionTimeoutSeconds;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.queue = new Queue(this, 'Pages', {
      visibilityTimeout: Duration.seconds(this.visibilitySeconds),
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
