import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { readTemplate } from '../../infra/emulator/template/read-template.ts';
import { settingsFile } from '../../lib/runtime/settings-document.ts';
import type { TemplateModel } from '../../infra/emulator/template/template-model.ts';

export type RawResources = Record<string, Record<string, unknown>>;

/** Writes bundles, by asset key, each with the settings beside it, and reads a template of these resources. */
export async function handMade(
  folder: string,
  resources: RawResources,
  bundles: Readonly<Record<string, string>> = {},
  settings: string = settingsWith(),
): Promise<TemplateModel> {
  const assets = new Map<string, string>();
  for (const [key, code] of Object.entries(bundles)) {
    const asset = path.join(folder, key);
    await mkdir(asset, { recursive: true });
    await writeFile(path.join(asset, 'index.mjs'), code);
    await writeFile(path.join(asset, settingsFile), settings);
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

/** The settings of one connection to Mobaro, as they stand beside the code of a function. */
export function settingsWith(streams: Record<string, unknown> = { users: { gapSeconds: 900 } }): string {
  const baseUrl = 'https://app.mobaro.com/api/customers';
  const head = { name: 'mobaro', connector: 'mobaro', baseUrl, timeoutSeconds: 30 };
  return JSON.stringify({ connections: [{ ...head, secretName: 'pagekeeper/mobaro', streams }] });
}

/** The variable that tells a function its queue. */
export function queuesOf(pageQueueUrl: unknown) {
  return { 'Fn::Join': ['', ['{"mobaro":"', pageQueueUrl, '"}']] };
}
