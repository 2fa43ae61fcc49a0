import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { Severity } from '../on-call/alarm-kinds.ts';
import type { Message } from '../on-call/message.ts';
import type { People } from '../on-call/ports.ts';

/**
 * The topics that people listen to. Mail gets readable text. Everything else gets AWS's schema of custom notifications, which is all
 * that Amazon Q in chat applications shows beside CloudWatch's own
 * (https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html).
 */
export class SnsPeople implements People {
  readonly #client: SNSClient;
  readonly #topics: Readonly<Record<Severity, string>>;

  /** @param topics their ARNs */
  constructor(client: SNSClient, topics: Readonly<Record<Severity, string>>) {
    this.#client = client;
    this.#topics = topics;
  }

  async send(message: Message): Promise<void> {
    const { severity, subject, text } = message;
    const chat = chatNotification(message);
    await this.#client.send(
      new PublishCommand({
        TopicArn: this.#topics[severity],
        Subject: subject,
        MessageStructure: 'json',
        Message: JSON.stringify({ default: chat, https: chat, email: text, sms: subject }),
      }),
    );
  }
}

function chatNotification({ subject, text, thread }: Message): string {
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: { textType: 'client-markdown', title: markdownOf(subject), description: markdownOf(text) },
    metadata: { threadId: thread, summary: subject },
  });
}

/** What is to be copied stands on a line of its own, behind two spaces. */
function markdownOf(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (!line.startsWith('  ')) return escaped(line);
      const copied = line.trim();
      // In brackets no sign of an address is taken for markdown.
      return copied.startsWith('https://') ? `<${copied}>` : `\`${copied}\``;
    })
    .join('\n');
}

/** So that no words of a vendor's are a mention of somebody, or a link. */
function escaped(line: string): string {
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
