import { startEmbeddedS3 as startServer } from '../../infra/emulator/embedded/embedded-s3.ts';
import { S3Log } from '../../lib/aws/s3-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface EmbeddedS3 {
  readonly endpoint: string;
  /** The change log in its bucket, to a client of the test's own. */
  readonly log: S3Log;
  stop(): Promise<void>;
}

/** The S3 of the laptop with one bucket, in a folder of its own. @param accessKey whom it answers */
export async function startEmbeddedS3(bucket: string, accessKey: string): Promise<EmbeddedS3> {
  const folder = await temporaryFolder();
  const buckets = [{ name: bucket, expirations: [] }];
  const server = await startServer({ dataDir: folder.path, buckets, accessKey });
  return {
    endpoint: server.endpoint,
    log: new S3Log(server.client, bucket),
    async stop() {
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
