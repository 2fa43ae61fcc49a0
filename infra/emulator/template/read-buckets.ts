import type { Resource } from './read-resources.ts';
import { wrongProperty } from './template-error.ts';
import type { BucketModel } from './template-model.ts';

/** Also keeps a bucket's name from being anything else than one folder. */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

export function readBuckets(resources: readonly Resource<'AWS::S3::Bucket'>[]): BucketModel[] {
  return resources.map(({ logicalId, name, properties }) => {
    if (!bucketName.test(name)) {
      const problem = `${name} is no name of 3 to 63 small letters, digits and hyphens`;
      throw wrongProperty(logicalId, 'AWS::S3::Bucket', 'BucketName', problem);
    }
    return {
      name,
      expirations: (properties.LifecycleConfiguration?.Rules ?? []).flatMap(
        ({ Status, Prefix, ExpirationInDays: days }) =>
          Status === 'Disabled' || days === undefined ? [] : [{ prefix: Prefix, days }],
      ),
    };
  });
}
