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
  /** By version id. */
  readonly values: Map<string, string>;
  /** By staging label, the version that it is attached to. */
  readonly labels: Map<string, string>;
}

const requestBody = z.object({
  SecretId: z.string(),
  SecretString: z.string().optional(),
  ClientRequestToken: z.string().optional(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
  VersionStages: z.array(z.string()).optional(),
  MoveToVersionId: z.string().optional(),
  RemoveFromVersionId: z.string().optional(),
});

type Asked = z.infer<typeof requestBody>;

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';

/** GetSecretValue, PutSecretValue, UpdateSecretVersionStage and DescribeSecret of Secrets Manager. Values stay in memory. */
export function startEmbeddedSecrets(options: SecretsOptions): Promise<AwsJsonServer> {
  const stored = options.secrets.map((secret) => storedSecret(secret, options));
  return startAwsJson(options.accessKey, (call) => answer(call, stored, options.salt));
}

function storedSecret(
  { name, arn, placeholder }: SecretModel,
  { values, salt }: SecretsOptions,
): StoredSecret {
  const fields = values.get(name) ?? values.get(arn);
  const generated = placeholder(digest(salt, name));
  // A person who fills a secret in keeps what was generated with it.
  const value = fields === undefined ? generated : JSON.stringify({ ...objectIn(generated), ...fields });
  const secret = {
    ARN: arn,
    Name: name,
    values: new Map<string, string>(),
    labels: new Map<string, string>(),
  };
  if (value !== null) putVersion(secret, versionOf(salt, name, value), value, [current]);
  return secret;
}

function putVersion(secret: StoredSecret, id: string, value: string, labels: readonly string[]): void {
  // The first version is the current one, whatever is said of it.
  const all = secret.values.size === 0 ? [...labels, current] : labels;
  secret.values.set(id, value);
  for (const label of all) attach(secret, label, id);
}

function attach({ labels }: StoredSecret, label: string, id: string): void {
  const before = labels.get(label);
  if (label === current && before !== undefined && before !== id) labels.set(previous, before);
  labels.set(label, id);
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
  salt: string,
): AwsJsonAnswer {
  const parsed = requestBody.safeParse(body);
  if (!parsed.success) return refusal('ValidationException', 'SecretId is missing');
  const secret = stored.find(
    ({ ARN, Name }) => ARN === parsed.data.SecretId || Name === parsed.data.SecretId,
  );
  if (secret === undefined) {
    return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  const { ARN, Name } = secret;
  switch (operation) {
    case 'GetSecretValue':
      return getValue(secret, parsed.data);
    case 'PutSecretValue':
      return putValue(secret, parsed.data, salt);
    case 'UpdateSecretVersionStage':
      return moveLabel(secret, parsed.data);
    case 'DescribeSecret':
      return ok({ ARN, Name, VersionIdsToStages: labelsByVersion(secret) });
    default:
      return unknownOperation(operation);
  }
}

function getValue(secret: StoredSecret, { VersionId, VersionStage }: Asked): AwsJsonAnswer {
  const { ARN, Name, values, labels } = secret;
  const label = VersionStage ?? current;
  const id = VersionId ?? labels.get(label);
  const value = id === undefined ? undefined : values.get(id);
  if (id === undefined || value === undefined) {
    const which = VersionId === undefined ? `staging label: ${label}` : `VersionId: ${VersionId}`;
    const message = `Secrets Manager can't find the specified secret value for ${which}`;
    return refusal('ResourceNotFoundException', message);
  }
  return ok({
    ...{ ARN, Name, VersionId: id, SecretString: value },
    VersionStages: labelsByVersion(secret)[id] ?? [],
  });
}

function putValue(
  secret: StoredSecret,
  { SecretString: value, VersionStages: labels, ClientRequestToken: token }: Asked,
  salt: string,
): AwsJsonAnswer {
  if (value === undefined) return refusal('ValidationException', 'SecretString is missing');
  const { ARN, Name, values } = secret;
  // What a person stores is known again by its value; who names labels knows the version by its own name.
  const ofValue = versionOf(salt, Name, value);
  const id = labels === undefined ? ofValue : (token ?? ofValue);
  const before = values.get(id);
  if (labels !== undefined && before !== undefined && before !== value) {
    const message = "You can't modify the value of a version that already exists.";
    return refusal('ResourceExistsException', message);
  }
  putVersion(secret, id, value, labels ?? [current]);
  return ok({ ARN, Name, VersionId: id, VersionStages: labelsByVersion(secret)[id] ?? [] });
}

/** A label that is attached elsewhere moves only for one who knows where it is. */
function moveLabel(
  secret: StoredSecret,
  { VersionStage: label, MoveToVersionId: to, RemoveFromVersionId: from }: Asked,
): AwsJsonAnswer {
  const { ARN, Name, values, labels } = secret;
  if (label === undefined) return refusal('ValidationException', 'VersionStage is missing');
  if (to !== undefined && !values.has(to)) {
    return refusal('ResourceNotFoundException', `Secrets Manager can't find the version ${to}.`);
  }
  const before = labels.get(label);
  const isElsewhere = before !== undefined && before !== to;
  if (isElsewhere && before !== from) {
    const message = `The staging label ${label} is attached to another version: name it in RemoveFromVersionId.`;
    return refusal('InvalidParameterException', message);
  }
  if (to === undefined) labels.delete(label);
  else attach(secret, label, to);
  return ok({ ARN, Name });
}

function labelsByVersion({ labels }: StoredSecret): Readonly<Record<string, string[]>> {
  const byVersion: Record<string, string[]> = {};
  for (const [label, id] of labels) (byVersion[id] ??= []).push(label);
  return byVersion;
}
