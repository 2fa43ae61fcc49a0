import { randomUUID } from 'node:crypto';

import type { buildApp } from 'fauxqs';
import { z } from 'zod';

import { isObject } from '../template/intrinsics.ts';
import { lastPart } from '../template/local-account.ts';

/** What a topic has sent, as an e-mail has it. */
export interface Notification {
  readonly topic: string;
  readonly subject: string;
  readonly message: string;
}

/** Of the e-mail that SNS makes of a message without a subject. */
const subjectOfNone = 'AWS Notification Message';

/** A form, so that all of it is text. */
const publication = z.looseObject({
  Action: z.literal('Publish'),
  TopicArn: z.string().default(''),
  Message: z.string().default(''),
  MessageStructure: z.string().optional(),
  Subject: z.string().optional(),
});

/**
 * Has fauxqs take Publish as SNS does: of itself it looks neither at the subject nor at `MessageStructure`. PublishBatch is
 * left as it is. To be called before the server is ready.
 *
 * @param onPublished called with what somebody who reads mail would get of each message that was taken
 */
export function publishToSns(
  app: ReturnType<typeof buildApp>,
  onPublished: (mail: Notification) => void,
): void {
  const mails = new WeakMap<object, Notification>();
  app.addHook('preHandler', async (request, reply) => {
    const { data } = publication.safeParse(request.body);
    if (data === undefined) return;
    try {
      const { TopicArn, Subject: subject = subjectOfNone } = data;
      const { queue, mail } = messagesOf(data);
      request.body = { ...data, Message: queue };
      mails.set(request, { topic: lastPart(TopicArn), subject, message: mail });
    } catch (error) {
      if (!(error instanceof InvalidParameter)) throw error;
      await reply.status(400).header('content-type', 'text/xml').send(refusal(error.message));
    }
  });
  // Before whoever has sent it knows.
  app.addHook('onSend', (request, reply, payload, done) => {
    const mail = mails.get(request);
    if (mail !== undefined && reply.statusCode === 200) onPublished(mail);
    done(null, payload);
  });
}

class InvalidParameter extends Error {}

/**
 * At most 100 characters of ASCII without line breaks, the first of them no space. By now the reference of Publish says UTF-8:
 * whoever keeps to ASCII is taken either way.
 */
const subjectPattern = /^[!-~][ -~]{0,99}$/;

interface Messages {
  readonly queue: string;
  readonly mail: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function messagesOf({ Subject, MessageStructure, Message }: z.infer<typeof publication>): Messages {
  if (Subject !== undefined && !subjectPattern.test(Subject)) {
    throw new InvalidParameter('Invalid parameter: Subject');
  }
  if (MessageStructure !== 'json') return { queue: Message, mail: Message };
  const messages = parsed(Message);
  const where = 'Invalid parameter: Message Structure';
  if (!isObject(messages)) throw new InvalidParameter(`${where} - JSON message body failed to parse`);
  const { default: usual, sqs, email } = messages;
  if (typeof usual !== 'string') {
    throw new InvalidParameter(`${where} - No default entry in JSON message body`);
  }
  return {
    queue: typeof sqs === 'string' ? sqs : usual,
    mail: typeof email === 'string' ? email : usual,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(message: string): string {
  return (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">' +
    `<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>${message}</Message></Error>` +
    `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`
  );
}
