import { stat } from 'node:fs/promises';

import type { BucketModel } from '../../template/template-model.ts';
import type { Bucket } from './bucket.ts';
import { isMissing } from './object-file.ts';

const dayMs = 86_400_000;

/** Deletes what a rule of the bucket's lifecycle says is old enough: as in S3, at the midnight after so many days. */
export async function expire(
  bucket: Bucket,
  expirations: BucketModel['expirations'],
  now: number,
): Promise<void> {
  for (const { prefix, days } of expirations) {
    for await (const { file } of bucket.keys(prefix)) {
      const writtenAt = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        (error: unknown) => {
          if (isMissing(error)) return Infinity;
          throw error;
        },
      );
      if (Math.ceil(writtenAt / dayMs + days) * dayMs <= now) await bucket.removeFile(file);
    }
  }
}
