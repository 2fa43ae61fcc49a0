import { createHash } from 'node:crypto';

import {
  ArnFormat,
  CfnDynamicReference,
  CfnDynamicReferenceService,
  RemovalPolicy,
  SecretValue,
  Stack,
} from 'aws-cdk-lib';
import { Match, Rule, type EventPattern } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import type { KmsKey } from '../settings/kms-key.ts';
import type { HttpsTarget, OnCallTargets } from '../settings/settings.ts';
import { alarmKinds, suffixesOf, type Severity } from '../../lib/on-call/alarm-kinds.ts';
import { KeyPolicy } from './key-policy.ts';
import { stateChangeMessage } from './state-change-message.ts';
import { SlackChannels } from './slack-channels.ts';

export interface OnCallProps {
  readonly deployment: string;
  readonly targets: Readonly<Record<Severity, OnCallTargets>>;
  /** Of the topics; null makes one. */
  readonly key: KmsKey | null;
}

const severities = ['page', 'ticket'] as const satisfies readonly Severity[];

/** The topics that alarms go to, by severity, who listens, and what is told beside the beginning of an alarm. */
export class OnCall extends Construct {
  readonly topics: Readonly<Record<Severity, Topic>>;

  constructor(scope: Construct, id: string, props: OnCallProps) {
    super(scope, id);
    const { deployment, targets } = props;
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const key =
      props.key === null ? this.#ownKey(deployment, alarms) : Key.fromKeyArn(this, 'KeyThere', props.key.arn);
    const topicOf = (severity: Severity, topicId: string, displayName: string): Topic => {
      const topic = new Topic(this, topicId, { displayName, masterKey: key, enforceSSL: true });
      // A policy of one's own, here the one that enforces TLS, replaces the default that would let the account's alarms in.
      topic.addToResourcePolicy(
        new PolicyStatement({
          principals: [alarms],
          actions: ['sns:Publish'],
          resources: [topic.topicArn],
        }),
      );
      subscribe(topic, targets[severity]);
      return topic;
    };
    this.topics = {
      page: topicOf('page', 'Topic', `${deployment} on call`),
      ticket: topicOf('ticket', 'Tickets', `${deployment} tickets`),
    };
    new SlackChannels(this, 'Slack', { deployment, targets, topics: this.topics });
    this.#tellOfEnds(deployment, key, props.key);
  }

  /** CloudWatch cannot publish to a topic that is encrypted with the AWS-managed key: its policy does not let it in. */
  #ownKey(deployment: string, alarms: ServicePrincipal): IKey {
    const key = new Key(this, 'Key', {
      description: `${deployment}: encrypts what on-call is told`,
      enableKeyRotation: true,
      // It guards nothing that lasts.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [alarms],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    return key;
  }

  /**
   * An alarm's own action for OK is taken for each new alarm as well: fifty mails at the first deployment. A rule sees what
   * the state was before.
   */
  #tellOfEnds(deployment: string, key: IKey, kmsKey: KmsKey | null): void {
    // By a role: EventBridge offers no account to the conditions of a topic's or a key's policy.
    const role = new Role(this, 'RulesRole', {
      description: `${deployment}: lets the rules for alarms publish to on-call`,
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const topics = severities.map((severity) => this.topics[severity].topicArn);
    role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: topics }));
    if (kmsKey !== null) {
      new KeyPolicy(this, 'RulesKeyPolicy', role, kmsKey, { reads: [], writes: ['sns'] });
    } else {
      role.addToPolicy(
        new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
      );
    }
    const tell = (id: string, severity: Severity, what: string, detail: EventPattern['detail']): void => {
      new Rule(this, id, {
        description: `${deployment}: ${what}`,
        eventPattern: {
          source: ['aws.cloudwatch'],
          detailType: ['CloudWatch Alarm State Change'],
          // The space ends the name: another stage has one of its own.
          resources: Match.prefix(
            Stack.of(this).formatArn({
              service: 'cloudwatch',
              resource: 'alarm',
              resourceName: `${deployment} `,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          ),
          detail: detail ?? {},
        },
        // Not CDK's own target, which would give the role more of the key than it needs.
        targets: [{ bind: () => ({ arn: this.topics[severity].topicArn, role, input: stateChangeMessage }) }],
      });
    };
    const change = (from: string, to: string): EventPattern['detail'] => ({
      previousState: { value: [from] },
      state: { value: [to] },
    });
    for (const severity of severities) {
      tell(`${severity}Over`, severity, `tells that a ${severity} is over`, {
        alarmName: suffixesOf(severity).map((suffix) => ({ suffix })),
        ...change('ALARM', 'OK'),
      });
    }
    const { severity, suffix } = alarmKinds.silent;
    tell('WatchdogSilent', severity, 'tells that the watchdog has fallen silent', {
      alarmName: [{ suffix: ` ${suffix}` }],
      ...change('OK', 'ALARM'),
    });
  }
}

function subscribe(topic: Topic, { emails, https }: OnCallTargets): void {
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  for (const target of https) {
    if (typeof target === 'string') {
      topic.addSubscription(new UrlSubscription(target, { protocol: SubscriptionProtocol.HTTPS }));
      continue;
    }
    const protocol = SubscriptionProtocol.HTTPS;
    // Names may differ in what the CDK leaves out of an id.
    const id = createHash('sha256').update(JSON.stringify(target)).digest('hex').slice(0, 16);
    new Subscription(topic, `Https-${id}`, { topic, protocol, endpoint: kept(target) });
  }
}

/** CloudFormation reads the URL when it deploys: it stands in no template. */
function kept(target: Exclude<HttpsTarget, string>): string {
  if ('parameter' in target) {
    return new CfnDynamicReference(CfnDynamicReferenceService.SSM, target.parameter).toString();
  }
  const { secret, field } = target;
  return SecretValue.secretsManager(secret, field === undefined ? {} : { jsonField: field }).unsafeUnwrap();
}
