import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { close, listen } from '../../loopback/listen.ts';
import { guard } from './guard.ts';

/** A server of ours for a few calls of one service, over AWS's JSON 1.1 protocol. */
export interface AwsJsonServer {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface AwsJsonCall {
  /** Behind the service's name. */
  readonly operation: string;
  readonly body: unknown;
  /** Resolves when the answer has been sent, or whoever asked is gone. */
  readonly answered: Promise<void>;
}

export interface AwsJsonAnswer {
  readonly status: number;
  readonly body: object;
}

export function ok(body: object): AwsJsonAnswer {
  return { status: 200, body };
}

export function refusal(type: string, message: string): AwsJsonAnswer {
  return { status: 400, body: { __type: type, message } };
}

export function unknownOperation(operation: string): AwsJsonAnswer {
  return refusal('UnknownOperationException', `${operation} is not understood by the local runner`);
}

type Answering = (call: AwsJsonCall) => AwsJsonAnswer;

/** @param accessKey whom it answers */
export async function startAwsJson(accessKey: string, answer: Answering): Promise<AwsJsonServer> {
  const server = createServer((request, response) => void respond(request, response, answer));
  guard(server, accessKey);
  const endpoint = await listen(server);
  return { endpoint, close: () => close(server) };
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answering): Promise<void> {
  const { status, body } = await callIn(request, response)
    .then(answer)
    .catch((error: unknown) => ({
      status: 500,
      body: { __type: 'InternalFailure', message: String(error) },
    }));
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

async function callIn(request: IncomingMessage, response: ServerResponse): Promise<AwsJsonCall> {
  const answered = new Promise<void>((resolve) => response.once('close', () => resolve()));
  const target = String(request.headers['x-amz-target'] ?? '');
  const body: unknown = JSON.parse((await text(request)) || '{}');
  return { operation: target.split('.').at(-1) ?? '', body, answered };
}
