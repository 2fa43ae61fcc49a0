import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface OnCallProps {
  readonly deployment: string;
  readonly emails: readonly string[];
  /** For instance PagerDuty's address for CloudWatch. */
  readonly https: readonly string[];
}

/** The topic that alarms go to, and who listens. */
export class OnCall extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: OnCallProps) {
    super(scope, id);
    // CloudWatch cannot publish to a topic that is encrypted with the AWS-managed key: its policy does not let it in.
    const key = new Key(this, 'Key', {
      description: `${props.deployment}: encrypts what on-call is told`,
      enableKeyRotation: true,
      // It guards nothing that lasts.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', {
      displayName: `${props.deployment} on call`,
      masterKey: key,
      enforceSSL: true,
    });
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [alarms],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    // A policy of one's own, here the one that enforces TLS, replaces the default that would let the account's alarms in.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [alarms],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
    for (const url of props.https) {
      this.topic.addSubscription(new UrlSubscription(url, { protocol: SubscriptionProtocol.HTTPS }));
    }
  }
}
