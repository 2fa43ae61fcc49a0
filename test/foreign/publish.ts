import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import type { Account } from './account.ts';
import { withoutGaps, type StackTemplate } from './gaps.ts';
import { zip } from './zip.ts';

/** What `cdk synth` has written, as it goes to an account. */
export interface Published {
  readonly stackName: string;
  readonly template: StackTemplate;
  /** By asset: the folder of the code. */
  readonly code: ReadonlyMap<string, string>;
  /** By the logical id of the nested stack. */
  readonly nested: ReadonlyMap<string, StackTemplate>;
}

export type Files = ReadonlyMap<string, Uint8Array>;

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({ source: z.object({ path: z.string(), packaging: z.enum(['zip', 'file']) }) }),
  ),
});

/**
 * Puts the assets of an assembly where its templates look for them, as `cdk deploy` does.
 * @param adapt what else the code of a function is to be than what was bundled
 */
export async function publish(
  assembly: string,
  account: Account,
  adapt: (files: Files) => Files,
): Promise<Published> {
  const [manifest = ''] = (await readdir(assembly)).filter((name) => name.endsWith('.assets.json'));
  const stackName = manifest.replace(/\.assets\.json$/, '');
  const { files } = assetsSchema.parse(await readJson(path.join(assembly, manifest)));
  const code = new Map<string, string>();
  const templates = new Map<string, StackTemplate>();
  let template: StackTemplate | undefined;
  for (const [asset, { source }] of Object.entries(files)) {
    const from = path.join(assembly, source.path);
    if (source.packaging === 'zip') {
      code.set(asset, from);
      await publishCode(from, asset, account, adapt);
    } else {
      const adapted = withoutGaps((await readJson(from)) as StackTemplate);
      await account.putAsset(`${asset}.json`, Buffer.from(JSON.stringify(adapted)));
      if (source.path.endsWith('.nested.template.json')) templates.set(asset, adapted);
      else template = adapted;
    }
  }
  if (template === undefined) throw new Error(`There is no template in ${assembly}`);
  return { stackName, template, code, nested: byNestedStack(template, templates) };
}

/** A stack names its template by its asset, in a URL. */
function byNestedStack(
  template: StackTemplate,
  templates: ReadonlyMap<string, StackTemplate>,
): ReadonlyMap<string, StackTemplate> {
  return new Map(
    Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
      if (Type !== 'AWS::CloudFormation::Stack') return [];
      const url = JSON.stringify(Properties?.['TemplateURL']);
      const [found] = [...templates].filter(([asset]) => url.includes(asset));
      if (found === undefined) throw new Error(`There is no template of ${logicalId} among the assets`);
      return [[logicalId, found[1]] as const];
    }),
  );
}

/** @param asset the name that a template has for it */
export async function publishCode(
  folder: string,
  asset: string,
  account: Account,
  adapt: (files: Files) => Files,
): Promise<void> {
  await account.putAsset(`${asset}.zip`, zip(adapt(await filesIn(folder))));
}

async function filesIn(folder: string): Promise<Files> {
  const names = (await readdir(folder)).toSorted();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))] as const)),
  );
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}
