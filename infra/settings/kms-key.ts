/** An existing KMS key with which the deployment encrypts what it keeps: its ARN, and what that says. */
export interface KmsKey {
  readonly arn: string;
  /** `aws`, `aws-cn`, … */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** The services that keep something with the key, as KMS calls them. */
export type KeyService = 'dynamodb' | 'logs' | 's3' | 'secretsmanager' | 'sns' | 'sqs';

/** A key of one region by its UUID, or one of several. */
const keyArn =
  /^arn:(aws[a-z-]*):kms:([a-z]{2,4}(?:-[a-z]+)+-\d):(\d{12}):key\/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

export function isKmsKeyArn(value: unknown): value is string {
  return typeof value === 'string' && keyArn.test(value);
}

/** An alias, with or without the rest of its ARN. */
export function isKmsAlias(value: unknown): boolean {
  return typeof value === 'string' && /^(arn:aws[a-z-]*:kms:.*:)?alias\//.test(value);
}

/** @param arn as `isKmsKeyArn` takes it */
export function kmsKeyOf(arn: string): KmsKey {
  const [, partition = '', region = '', account = ''] = keyArn.exec(arn) ?? [];
  return { arn, partition, region, account };
}

/** As `kms:ViaService` has a service that uses the key for somebody, and as the principal of one that has a region. */
export function hostOf({ partition, region }: KmsKey, service: KeyService): string {
  return `${service}.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}
