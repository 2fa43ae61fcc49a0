import { gunzipSync } from 'node:zlib';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { EventBridgeEvent } from 'aws-lambda';

const s3 = new S3Client();

type RecordsChanged = EventBridgeEvent<'Records Changed', { readonly stream: string; readonly key: string }>;

export async function handler({ detail: { stream, key } }: RecordsChanged): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: process.env['BUCKET'], Key: key }));
  const lines = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
  for (const line of lines.trimEnd().split('\n')) {
    const { id, op, sequence } = JSON.parse(line) as Record<'id' | 'op' | 'sequence', string>;
    // A line may come twice: go by the sequence of what you have of the record.
    console.log(stream, id, op, sequence);
  }
}
