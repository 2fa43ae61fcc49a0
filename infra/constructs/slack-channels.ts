import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { Annotations } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

import type { Severity } from '../../lib/on-call/alarm-kinds.ts';
import type { OnCallTargets } from '../settings/settings.ts';

export interface SlackChannelsProps {
  readonly deployment: string;
  readonly targets: Readonly<Record<Severity, OnCallTargets>>;
  readonly topics: Readonly<Record<Severity, ITopic>>;
}

/**
 * Slack, through Amazon Q in chat applications. A channel can have one configuration only, so pages and tickets for the
 * same channel share it. The workspace has to be let in by a person, once, in the console of Amazon Q.
 */
export class SlackChannels extends Construct {
  constructor(scope: Construct, id: string, { deployment, targets, topics }: SlackChannelsProps) {
    super(scope, id);
    const channels = new Map<string, { readonly workspaceId: string; readonly topics: ITopic[] }>();
    for (const severity of ['page', 'ticket'] as const) {
      const { slack } = targets[severity];
      if (slack === null) continue;
      const channel = channels.get(slack.channelId) ?? { workspaceId: slack.workspaceId, topics: [] };
      channel.topics.push(topics[severity]);
      channels.set(slack.channelId, channel);
    }
    for (const [channelId, { workspaceId, topics: notificationTopics }] of channels) {
      Annotations.of(this).addInfo(
        `pagekeeper.onCall.slack: one deployment of an account can have channel ${channelId}; another region or stage needs a channel of its own.`,
      );
      // Its role may do nothing: the people in the channel read, and run no commands in the account.
      new SlackChannelConfiguration(this, channelId, {
        slackChannelConfigurationName: `${deployment}-${channelId}`,
        slackWorkspaceId: workspaceId,
        slackChannelId: channelId,
        notificationTopics,
      });
    }
  }
}
