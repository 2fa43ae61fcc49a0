/** What an app of one's own is made with: the package's main entry. */
export { Pagekeeper, type OfStream, type PagekeeperProps } from './pagekeeper.ts';
export { PagekeeperApp } from './pagekeeper-app.ts';
export { PagekeeperStack } from './pagekeeper-stack.ts';
export { readSettings } from './settings/read-settings.ts';
export { SettingsError } from './settings/settings-error.ts';
export type { SettingsInput } from './settings/settings-schema.ts';
export type { Settings } from './settings/settings.ts';
export { synthesizeApp } from './synthesize-app.ts';
