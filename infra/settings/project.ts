import { readFileSync } from 'node:fs';
import path from 'node:path';

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

/** The same, but for the tables and secrets of an account: on this machine the stack has its own. */
export function contextOfThisMachine(): Record<string, unknown> {
  const { pagekeeper, ...context } = contextOfProject();
  const settings = typeof pagekeeper === 'string' ? parsed(pagekeeper) : pagekeeper;
  if (!isObject(settings)) return { ...context, pagekeeper };
  const { connections } = settings;
  const ownSecrets = !isObject(connections)
    ? {}
    : {
        connections: Object.fromEntries(
          Object.entries(connections).map(([name, connection]) => [
            name,
            isObject(connection) ? { ...connection, secret: undefined } : connection,
          ]),
        ),
      };
  return { ...context, pagekeeper: { ...settings, ...ownSecrets, tables: undefined } };
}

/** What is no JSON is told of where the settings are read. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string })
    .version;
}
