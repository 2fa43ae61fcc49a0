import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { KmsKey } from '../settings/kms-key.ts';
import { acknowledge } from './acknowledge.ts';
import { KeyPolicy } from './key-policy.ts';
import { deadLetterQueue } from './page-queue.ts';

export interface TicksProps {
  /** Unique in the account and region, at most 64 characters. */
  readonly groupName: string;
  readonly target: IFunction;
  /** Where the schedules and their role are: beside their group unless said otherwise. */
  readonly schedulesIn?: Construct;
  /** Of the queue; null leaves it to SQS's own. */
  readonly key: KmsKey | null;
}

export interface Tick {
  readonly description: string;
  /** `rate(...)` or `cron(...)`. */
  readonly expression: string;
  readonly timeZone: string;
  readonly flexibleWindowMinutes: number;
  /** Between two ticks. */
  readonly shortestGapSeconds: number;
  /** May hold Scheduler's context attributes, such as `<aws.scheduler.scheduled-time>`. */
  readonly input: Readonly<Record<string, string>>;
}

/** Scheduler tries 185 times over a day unless told otherwise; a tick older than its period is worthless. */
const maxRetries = 3;
const oldestSeconds = 900;
/** The least that Scheduler takes. */
const youngestSeconds = 60;

/** A group of schedules that invoke one function, with a role for just that and a queue for ticks that did not arrive. */
export class Ticks extends Construct {
  readonly missed: Queue;
  readonly #group: ScheduleGroup;
  readonly #role: Role;
  readonly #target: IFunction;
  readonly #targets = new Set<IFunction>();
  readonly #inner: Construct;

  constructor(scope: Construct, id: string, props: TicksProps) {
    super(scope, id);
    this.#target = props.target;
    this.#inner = props.schedulesIn === undefined ? this : new Construct(props.schedulesIn, id);
    this.#group = new ScheduleGroup(this, 'Group', {
      scheduleGroupName: props.groupName,
      // Kept with its name, it would keep the stack from being created again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.missed = deadLetterQueue(this, 'Missed', props.key);
    acknowledge(
      this.missed,
      'SQS3',
      'It is itself a dead-letter queue: that of the schedules in this group.',
    );
    this.#role = new Role(this.#inner, 'Role', {
      description: `Lets the schedules of ${props.groupName} invoke their function`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        // Only our own schedules: Scheduler acts for every account.
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': this.#group.scheduleGroupArn,
          },
        },
      }),
    });
    this.#mayInvoke(props.target);
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.missed.queueArn] }),
    );
    if (props.key !== null)
      new KeyPolicy(this.#inner, 'KeyPolicy', this.#role, props.key, { reads: [], writes: ['sqs'] });
  }

  /** @param target another function than that of the group */
  add(id: string, tick: Tick, target = this.#target): void {
    this.#mayInvoke(target);
    const window = tick.flexibleWindowMinutes;
    // No name: CloudFormation takes schedules of one name for one and the same, whatever their groups.
    new Schedule(this.#inner, id, {
      description: tick.description,
      scheduleGroup: this.#group,
      schedule: ScheduleExpression.expression(tick.expression, TimeZone.of(tick.timeZone)),
      timeWindow: window === 0 ? TimeWindow.off() : TimeWindow.flexible(Duration.minutes(window)),
      target: {
        bind: () => ({
          arn: target.functionArn,
          role: this.#role,
          input: ScheduleTargetInput.fromObject(tick.input),
          retryPolicy: {
            maximumRetryAttempts: maxRetries,
            maximumEventAgeInSeconds: Math.max(
              youngestSeconds,
              Math.min(oldestSeconds, tick.shortestGapSeconds),
            ),
          },
          deadLetterConfig: { arn: this.missed.queueArn },
        }),
      },
    });
  }

  #mayInvoke(target: IFunction): void {
    if (this.#targets.has(target)) return;
    this.#targets.add(target);
    // Not grantInvoke, which would allow every version and alias as well.
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] }),
    );
  }
}
