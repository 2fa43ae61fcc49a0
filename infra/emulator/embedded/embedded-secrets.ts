import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import type { SecretModel } from '../template/template-model.ts';
import { guard } from './guard.ts';
import { close, listen } from '../../loopback/listen.ts';

export interface EmbeddedSecrets {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface SecretsOptions {
  readonly secrets: readonly SecretModel[];
  /** By name or ARN: the fields of a secret that somebody has filled in. */
  readonly values: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Kept between runs, so that a value that is the same has the same version. */
  readonly salt: string;
  /** Whom it answers. */
  readonly accessKey: string;
}

interface StoredSecret {
  readonly ARN: string;
  readonly Name: string;
  readonly value: string | null;
  readonly versionId: string;
}

const requestBody = z.object({ SecretId: z.string() });

/** GetSecretValue and DescribeSecret of Secrets Manager over its AWS JSON 1.1 protocol. Values stay in memory. */
export async function startEmbeddedSecrets(options: SecretsOptions): Promise<EmbeddedSecrets> {
  const stored = options.secrets.map((secret) => storedSecret(secret, options));
  const server = createServer((request, response) => {
    answer(request, stored).then(
      ({ status, body }) => {
        send(response, status, body);
      },
      (error: unknown) => {
        send(response, 500, { __type: 'InternalServiceError', Message: String(error) });
      },
    );
  });
  guard(server, options.accessKey);
  const endpoint = await listen(server);
  return { endpoint, close: () => close(server) };
}

function storedSecret(
  { name, arn, placeholder }: SecretModel,
  { values, salt }: SecretsOptions,
): StoredSecret {
  const fields = values.get(name) ?? values.get(arn);
  const generated = placeholder(digest(salt, name));
  // A person who fills a secret in keeps what was generated with it.
  const value = fields === undefined ? generated : JSON.stringify({ ...objectIn(generated), ...fields });
  return { ARN: arn, Name: name, value, versionId: versionOf(salt, name, value ?? '') };
}

function objectIn(json: string | null): object {
  return json === null ? {} : (JSON.parse(json) as object);
}

/**
 * Has the shape of a UUID, as Secrets Manager's has. It changes when the value does, and only then; the salt keeps
 * anybody who reads it, in the data or on the screen, from trying values against it.
 */
function versionOf(salt: string, name: string, value: string): string {
  const hex = digest(salt, `${name}\n${value}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest(salt: string, content: string): string {
  return createHmac('sha256', salt).update(content).digest('hex');
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function answer(request: IncomingMessage, stored: readonly StoredSecret[]): Promise<Answer> {
  const operation = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const parsed = requestBody.safeParse(JSON.parse((await text(request)) || '{}'));
  if (!parsed.success) return refusal('ValidationException', 'SecretId is missing');
  const secret = stored.find(
    ({ ARN, Name }) => ARN === parsed.data.SecretId || Name === parsed.data.SecretId,
  );
  if (secret === undefined) {
    return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  const { ARN, Name, value, versionId } = secret;
  switch (operation) {
    case 'GetSecretValue':
      if (value === null) {
        const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        return refusal('ResourceNotFoundException', message);
      }
      return ok({ ARN, Name, VersionId: versionId, SecretString: value, VersionStages: ['AWSCURRENT'] });
    case 'DescribeSecret':
      return ok({ ARN, Name, VersionIdsToStages: value === null ? {} : { [versionId]: ['AWSCURRENT'] } });
    default:
      return refusal(
        'UnknownOperationException',
        `${operation ?? 'This'} is not understood by the local runner`,
      );
  }
}

function ok(body: Answer['body']): Answer {
  return { status: 200, body };
}

function refusal(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, Message: message } };
}

function send(response: ServerResponse, status: number, body: Answer['body']): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
