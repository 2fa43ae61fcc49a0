import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { readTemplate, type AssemblySource } from './read-template.ts';
import { TemplateError } from './template-error.ts';
import type { TemplateModel } from './template-model.ts';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .optional(),
    }),
  ),
});

const assetsSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })).default({}),
});

/**
 * Reads the one stack of a cloud assembly. Bundles and nested templates are found by the asset manifest: the template does not
 * say where they are.
 * @throws TemplateError
 */
export async function readAssembly(folder: string): Promise<TemplateModel> {
  return readTemplate(await readSource(folder));
}

/** The templates of an assembly as they are. @throws TemplateError */
export async function readSource(folder: string): Promise<AssemblySource> {
  const { artifacts } = manifestSchema.parse(await readJson(path.join(folder, 'manifest.json')));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack, ...others] = stacks;
  if (stack === undefined || others.length > 0) {
    throw new TemplateError(
      `The local runner runs one stack, and the app makes ${String(stacks.length)}: ${stacks.map(([id]) => id).join(', ')}`,
    );
  }
  const [id, { properties }] = stack;
  const manifest = assetsSchema.parse(await readJson(path.join(folder, `${id}.assets.json`)));
  const assets = new Map(
    Object.entries(manifest.files).flatMap(([key, { source }]) =>
      source.path === undefined ? [] : [[key, path.resolve(folder, source.path)] as const],
    ),
  );
  const templates = [...assets].filter(([, file]) => file.endsWith('.nested.template.json'));
  return {
    stackName: properties?.stackName ?? id,
    nested: new Map(
      await Promise.all(templates.map(async ([key, file]) => [key, await readJson(file)] as const)),
    ),
    template: await readJson(path.join(folder, properties?.templateFile ?? `${id}.template.json`)),
    assets,
  };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}
