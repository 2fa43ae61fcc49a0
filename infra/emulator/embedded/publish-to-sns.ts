import { randomUUID } from 'node:crypto';

import type { buildApp } from 'fauxqs';
import { z } from 'zod';

import { isObject } from '../template/intrinsics.ts';

/** A form, so that all of it is text. */
const publication = z.looseObject({
  Action: z.literal('Publish'),
  Message: z.string().default(''),
  MessageStructure: z.string().optional(),
  Subject: z.string().optional(),
});

/**
 * Has fauxqs take Publish as SNS does: of itself it looks neither at the subject nor at `MessageStructure`. PublishBatch is
 * left as it is. To be called before the server is ready.
 */
export function publishToSns(app: ReturnType<typeof buildApp>): void {
  app.addHook('preHandler', async (request, reply) => {
    const { data } = publication.safeParse(request.body);
    if (data === undefined) return;
    try {
      request.body = published(data);
    } catch (error) {
      if (!(error instanceof InvalidParameter)) throw error;
      await reply.status(400).header('content-type', 'text/xml').send(refusal(error.message));
    }
  });
}

class InvalidParameter extends Error {}

/**
 * At most 100 characters of ASCII without line breaks, the first of them no space. By now the reference of Publish says UTF-8:
 * whoever keeps to ASCII is taken either way.
 */
const subjectPattern = /^[!-~][ -~]{0,99}$/;

/** Whoever hears of it here is a queue. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function published(given: z.infer<typeof publication>): object {
  const { Subject, MessageStructure, Message } = given;
  if (Subject !== undefined && !subjectPattern.test(Subject)) {
    throw new InvalidParameter('Invalid parameter: Subject');
  }
  return MessageStructure === 'json' ? { ...given, Message: messageForQueues(Message) } : given;
}

function messageForQueues(text: string): string {
  const messages = parsed(text);
  const where = 'Invalid parameter: Message Structure';
  if (!isObject(messages)) throw new InvalidParameter(`${where} - JSON message body failed to parse`);
  const { default: usual, sqs } = messages;
  if (typeof usual !== 'string') {
    throw new InvalidParameter(`${where} - No default entry in JSON message body`);
  }
  return typeof sqs === 'string' ? sqs : usual;
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
