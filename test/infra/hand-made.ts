import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readTemplate } from '../../infra/emulator/template/read-template.ts';
import type { TemplateModel } from '../../infra/emulator/template/template-model.ts';

export type RawResources = Record<string, Record<string, unknown>>;

/** A folder that is deleted at the end of the test that asked for it. */
export async function temporaryFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Writes bundles, by asset key, and reads a template of these resources. */
export async function handMade(
  folder: string,
  resources: RawResources,
  bundles: Readonly<Record<string, string>> = {},
): Promise<TemplateModel> {
  const assets = new Map<string, string>();
  for (const [key, code] of Object.entries(bundles)) {
    const asset = path.join(folder, key);
    await mkdir(asset, { recursive: true });
    await writeFile(path.join(asset, 'index.mjs'), code);
    assets.set(key, asset);
  }
  return readTemplate({ stackName: 'Test', template: { Resources: resources }, assets });
}

export function lambdaFunction(key: string, properties: Readonly<Record<string, unknown>> = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: `${key}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: { 'Fn::GetAtt': ['NotHere', 'Arn'] },
      ...properties,
    },
  };
}

export function connections(
  pageQueueUrl: unknown,
  secretId: unknown,
  streams: Record<string, unknown> = { users: { gapSeconds: 900 } },
) {
  const head = { name: 'mobaro', connector: 'mobaro', timeoutSeconds: 30, visibilitySeconds: 180, streams };
  return {
    'Fn::Join': [
      '',
      [
        `[${JSON.stringify(head).slice(0, -1)},"pageQueueUrl":"`,
        pageQueueUrl,
        '","secretId":"',
        secretId,
        '"}]',
      ],
    ],
  };
}
