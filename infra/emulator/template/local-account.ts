/** The account and region that everything on a laptop is in: the ones that fauxqs answers with. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';
/** As CloudWatch writes the region in the subjects of its notifications. */
export const localRegionTitle = 'US East (N. Virginia)';

export function localArn(service: string, resource: string): string {
  return `arn:aws:${service}:${localRegion}:${localAccount}:${resource}`;
}

export function functionArn(name: string): string {
  return localArn('lambda', `function:${name}`);
}

/** A stream has its label at the end, which in AWS is when it was turned on. */
export function streamArn(tableName: string): string {
  return localArn('dynamodb', `table/${tableName}/stream/laptop`);
}

/** The names of buckets are the world's, so that their ARNs say neither region nor account. */
export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** Accepted by the embedded servers of one start, and worth nothing anywhere else: of a signature they check the key. */
export function localCredentials(accessKey: string) {
  return { accessKeyId: accessKey, secretAccessKey: 'local' };
}

/** @param origin of the embedded SQS, without a trailing slash. */
export function queueUrl(origin: string, queueName: string): string {
  return `${origin}/${localAccount}/${queueName}`;
}

/** The name at the end of an ARN or of a queue's URL. */
export function lastPart(identifier: string): string {
  return identifier.slice(Math.max(identifier.lastIndexOf(':'), identifier.lastIndexOf('/')) + 1);
}
