import { createHash } from 'node:crypto';

import {
  Annotations,
  CfnDynamicReference,
  CfnDynamicReferenceService,
  RemovalPolicy,
  SecretValue,
  Stack,
} from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import type { KmsKey } from '../settings/kms-key.ts';
import type { HttpsTarget, OnCallTargets } from '../settings/settings.ts';
import type { Severity } from '../../lib/on-call/alarm-kinds.ts';
import { SlackChannels } from './slack-channels.ts';

export interface OnCallProps {
  readonly deployment: string;
  readonly targets: Readonly<Record<Severity, OnCallTargets>>;
  /** The page on which the sections of the runbook are. */
  readonly runbook: string;
  /** Of the topics; null makes one. */
  readonly key: KmsKey | null;
}

const severities = ['page', 'ticket'] as const satisfies readonly Severity[];

/** What the settings lack where nobody gets a severity, and the output of the stack with the topic of people. */
const unheard = {
  page: { setting: 'pagekeeper.onCall: names nobody', output: 'OnCallTopicArn' },
  ticket: {
    setting: 'pagekeeper.onCall.tickets: names nobody, and onCall has no emails, which would get tickets',
    output: 'TicketsTopicArn',
  },
} as const satisfies Record<Severity, object>;

/** The topics of on-call, by severity, and who listens. */
export class OnCall extends Construct {
  /** For people: readable messages, one for each incident. */
  readonly topics: Readonly<Record<Severity, Topic>>;
  /** For pagers (https): what CloudWatch itself says of each alarm. */
  readonly machines: Readonly<Record<Severity, Topic>>;
  readonly key: IKey;
  /** Where those who are told read what to do. */
  readonly runbook: string;

  constructor(scope: Construct, id: string, props: OnCallProps) {
    super(scope, id);
    const { deployment, targets } = props;
    this.runbook = props.runbook;
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const key =
      props.key === null ? this.#ownKey(deployment, alarms) : Key.fromKeyArn(this, 'KeyThere', props.key.arn);
    this.key = key;
    const topicOf = (topicId: string, displayName: string): Topic => {
      const topic = new Topic(this, topicId, { displayName, masterKey: key, enforceSSL: true });
      // A policy of one's own, here the one that enforces TLS, replaces the default that would let the account's alarms in.
      topic.addToResourcePolicy(
        new PolicyStatement({
          principals: [alarms],
          actions: ['sns:Publish'],
          resources: [topic.topicArn],
        }),
      );
      return topic;
    };
    this.topics = {
      page: topicOf('Topic', `${deployment} on call`),
      ticket: topicOf('Tickets', `${deployment} tickets`),
    };
    this.machines = {
      page: topicOf('PagesOfMachines', `${deployment} pager`),
      ticket: topicOf('TicketsOfMachines', `${deployment} pager, tickets`),
    };
    for (const severity of severities) {
      const { emails, https, slack } = targets[severity];
      if (emails.length + https.length === 0 && slack === null) this.#warnOfNobody(severity);
      for (const email of emails) this.topics[severity].addSubscription(new EmailSubscription(email));
      for (const target of https) subscribe(this.machines[severity], target);
    }
    new SlackChannels(this, 'Slack', { deployment, targets, topics: this.topics });
  }

  /** Nothing fails where nobody listens: whoever deploys is to know it before the first alarm. */
  #warnOfNobody(severity: Severity): void {
    const { setting, output } = unheard[severity];
    Annotations.of(this).addWarningV2(
      `pagekeeper:nobodyGets-${severity}`,
      `${setting}, so a ${severity} reaches nobody unless somebody subscribes to the topic ${output}.`,
    );
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
}

function subscribe(topic: Topic, target: HttpsTarget): void {
  if (typeof target === 'string') {
    topic.addSubscription(new UrlSubscription(target, { protocol: SubscriptionProtocol.HTTPS }));
    return;
  }
  const protocol = SubscriptionProtocol.HTTPS;
  // Names may differ in what the CDK leaves out of an id.
  const id = createHash('sha256').update(JSON.stringify(target)).digest('hex').slice(0, 16);
  new Subscription(topic, `Https-${id}`, { topic, protocol, endpoint: kept(target) });
}

/** CloudFormation reads the URL when it deploys: it stands in no template. */
function kept(target: Exclude<HttpsTarget, string>): string {
  if ('parameter' in target) {
    return new CfnDynamicReference(CfnDynamicReferenceService.SSM, target.parameter).toString();
  }
  const { secret, field } = target;
  return SecretValue.secretsManager(secret, field === undefined ? {} : { jsonField: field }).unsafeUnwrap();
}
