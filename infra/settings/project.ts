import { readFileSync } from 'node:fs';
import path from 'node:path';

import { isObject, type JsonObject } from '../../lib/connectors/json.ts';
import { fromJson } from './from-json.ts';
import { SettingsError } from './settings-error.ts';

/** The folder with cdk.json and package.json, absolute. */
export const projectRoot = path.join(import.meta.dirname, '../..');

/**
 * The context of cdk.json: feature flags of the CDK, and the settings. The `cdk` command hands it to the app by itself;
 * `node infra/app.ts` and tests read it here, so that all synthesize the same.
 */
export function contextOfProject(): Record<string, unknown> {
  const text = readFileSync(path.join(projectRoot, 'cdk.json'), 'utf8');
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

/** Of package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string })
    .version;
}
