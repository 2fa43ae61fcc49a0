import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { isObject, type JsonObject } from '../../lib/connectors/json.ts';
import { fromJson } from './from-json.ts';
import { SettingsError } from './settings-error.ts';

/** The folder of this code, absolute: `functions`, `lib` and `infra` are in it. Of the package it is `dist`. */
export const projectRoot = path.join(import.meta.dirname, '../..');

/** What this code is written in: `.ts`, or `.js` once it is compiled. Names of files in texts do not change by themselves. */
export const ending = path.extname(import.meta.filename);

/** As it was when the command began: some move elsewhere later. */
const ownFolder =
  [process.cwd(), ...above(process.cwd()), projectRoot].find((folder) =>
    existsSync(path.join(folder, 'cdk.json')),
  ) ?? null;

/** From where paths in the settings go, absolute: the folder of the app, or where there is none, the working directory. */
export const settingsFolder = ownFolder ?? process.cwd();

/** Where what is stored goes if nobody says otherwise, absolute: never into the package, which the next install replaces. */
export const defaultDataDir = path.join(settingsFolder, '.pagekeeper');

/**
 * The folder of the app, absolute: that with cdk.json, where the command is run or next above it. This project has one
 * too, so that it can be run from anywhere; the package has none.
 * @throws SettingsError where there is no cdk.json
 */
export function userFolder(): string {
  if (ownFolder !== null) return ownFolder;
  throw new SettingsError(
    `There is no cdk.json in ${process.cwd()}, nor in a folder above it: go into the folder of your app, or make one with npx pagekeeper init.`,
  );
}

function above(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [parent, ...above(parent)];
}

/**
 * The context of cdk.json: feature flags of the CDK, and the settings. The `cdk` command hands it to the app by itself;
 * `node infra/app.ts` and tests read it here, so that all synthesize the same.
 */
export function contextOfProject(): Record<string, unknown> {
  const text = readFileSync(path.join(userFolder(), 'cdk.json'), 'utf8');
  return parse(text).context ?? {};
}

/** @throws SettingsError */
function parse(text: string): { readonly context?: Record<string, unknown> } {
  try {
    return JSON.parse(text) as { context?: Record<string, unknown> };
  } catch {
    throw new SettingsError('cdk.json: is not JSON; npx prettier --check cdk.json says where.');
  }
}

/** The same, but for the tables and secrets of an account: on this machine the stack has its own. @throws SettingsError */
export function contextOfThisMachine(): Record<string, unknown> {
  const { pagekeeper, ...context } = contextOfProject();
  const settings = typeof pagekeeper === 'string' ? fromJson(pagekeeper) : pagekeeper;
  if (!isObject(settings)) return { ...context, pagekeeper };
  const { connections } = settings;
  const own = isObject(connections) && { connections: mapped(connections, withOwnSecret) };
  return { ...context, pagekeeper: { ...settings, ...own, tables: undefined } };
}

function withOwnSecret(connection: unknown): unknown {
  return isObject(connection) ? { ...connection, secret: undefined } : connection;
}

function mapped(object: JsonObject, to: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value)]));
}
