import { afterAll, beforeAll, expect, it } from 'vitest';

import { startEmbeddedS3, type EmbeddedS3 } from '../../../infra/emulator/embedded/embedded-s3.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { S3Log } from '../../../lib/aws/s3-log.ts';
import { collect } from '../../support/contracts/records.ts';
import { describeLog } from '../../support/contracts/log.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
let s3: EmbeddedS3;
const bucket = 'log';
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await temporaryFolder();
  const buckets = [{ name: bucket, expirations: [] }];
  s3 = await startEmbeddedS3({ dataDir: folder.path, buckets, accessKey: newAccessKey() });
});

afterAll(async () => {
  await s3.close();
  await folder[Symbol.asyncDispose]();
});

describeLog('S3Log', () => new S3Log(s3.client, bucket));

it('lists more than one answer of S3 holds', async () => {
  const log = new S3Log(s3.client, bucket);
  const keys = Array.from({ length: 1003 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
  for (let at = 0; at < keys.length; at += 50)
    await Promise.all(keys.slice(at, at + 50).map((key) => log.putMarker(key, '', signal)));
  expect(await collect(log.list('many/', 'many/'))).toEqual(keys);
  expect(await collect(log.list('many/', 'many/1001'))).toEqual(keys.slice(1002));
});
