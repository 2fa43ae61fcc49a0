import { createHmac } from 'node:crypto';

import { z } from 'zod';

import { uuidOf } from '../template/stable-uuid.ts';
import type { SecretModel } from '../template/template-model.ts';
import {
  ok,
  refusal,
  startAwsJson,
  unknownOperation,
  type AwsJsonAnswer,
  type AwsJsonCall,
  type AwsJsonServer,
} from './aws-json.ts';

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

const requestBody = z.object({ SecretId: z.string(), SecretString: z.string().optional() });

/** GetSecretValue, PutSecretValue and DescribeSecret of Secrets Manager. Values stay in memory. */
export function startEmbeddedSecrets(options: SecretsOptions): Promise<AwsJsonServer> {
  const stored = options.secrets.map((secret) => storedSecret(secret, options));
  const put = (name: string, value: string): void => {
    const index = stored.findIndex(({ Name }) => Name === name);
    const before = stored[index];
    if (before === undefined) return;
    stored[index] = { ...before, value, versionId: versionOf(options.salt, name, value) };
  };
  return startAwsJson(options.accessKey, (call) => answer(call, stored, put));
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
  return uuidOf(digest(salt, `${name}\n${value}`));
}

function digest(salt: string, content: string): string {
  return createHmac('sha256', salt).update(content).digest('hex');
}

function answer(
  { operation, body }: AwsJsonCall,
  stored: readonly StoredSecret[],
  put: (name: string, value: string) => void,
): AwsJsonAnswer {
  const parsed = requestBody.safeParse(body);
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
    case 'PutSecretValue':
      if (parsed.data.SecretString === undefined)
        return refusal('ValidationException', 'SecretString is missing');
      put(Name, parsed.data.SecretString);
      return ok({ ARN, Name });
    case 'DescribeSecret':
      return ok({ ARN, Name, VersionIdsToStages: value === null ? {} : { [versionId]: ['AWSCURRENT'] } });
    default:
      return unknownOperation(operation);
  }
}
