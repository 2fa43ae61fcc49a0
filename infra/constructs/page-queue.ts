import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type CfnQueue, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { maxReceiveCount } from '../../lib/sync/redrive.ts';
import { visibilitySecondsOf } from '../../lib/sync/settings.ts';
import type { KmsKey } from '../settings/kms-key.ts';

/** Of a queue's messages, once they are dead: SQS counts from when they were first sent, so more than the page queue's. */
const deadLetterDays = 14;
const pageDays = 4;

/** Where the next page of a run is asked for, and where a message ends that could not be handled. */
export class PageQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @param functionTimeoutSeconds of the function that works on the queue. */
  constructor(scope: Construct, id: string, functionTimeoutSeconds: number, key: KmsKey | null) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', key);
    this.queue = encryptedQueue(this, 'Pages', key, {
      visibilityTimeout: Duration.seconds(visibilitySecondsOf(functionTimeoutSeconds)),
      retentionPeriod: Duration.days(pageDays),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }
}

/** @param key null leaves it to SQS's own */
export function deadLetterQueue(scope: Construct, id: string, key: KmsKey | null): Queue {
  return encryptedQueue(scope, id, key, { retentionPeriod: Duration.days(deadLetterDays) });
}

function encryptedQueue(scope: Construct, id: string, key: KmsKey | null, props: QueueProps): Queue {
  const encryption = key === null ? { encryption: QueueEncryption.SQS_MANAGED } : {};
  const queue = new Queue(scope, id, { ...props, ...encryption, enforceSSL: true });
  // Not the CDK's own property: with it whoever reads the queue could decrypt anything with the key.
  if (key !== null) (queue.node.defaultChild as CfnQueue).kmsMasterKeyId = key.arn;
  return queue;
}
