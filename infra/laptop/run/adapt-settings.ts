import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { formatStreamName } from '../../../lib/connectors/stream-name.ts';
import { tokenUrlAt } from '../../../lib/connectors/token-request.ts';
import type { SettingsDocument } from '../../../lib/runtime/settings-document.ts';

export interface Adaptation {
  /** Names of streams; null is all. */
  readonly selected: ReadonlySet<string> | null;
  /** By connection. */
  readonly baseUrls: ReadonlyMap<string, string>;
}

/**
 * The things of the settings in which the functions on a laptop are told otherwise than in AWS: where the vendor is, and, when only some
 * streams are to be synced, which there are. The watchdog would start the others.
 */
export function adaptSettings(
  { connections, ...rest }: SettingsDocument,
  { selected, baseUrls }: Adaptation,
): SettingsDocument {
  const adapted = connections.map(({ name, baseUrl, tokens, streams, ...connection }) => ({
    ...connection,
    name,
    baseUrl: baseUrls.get(name) ?? baseUrl,
    ...(tokens && { tokens: { ...tokens, url: tokenUrlAt(baseUrls.get(name), tokens.url) } }),
    streams: Object.fromEntries(
      Object.entries(streams).filter(
        ([stream]) => selected?.has(formatStreamName({ connection: name, stream })) ?? true,
      ),
    ),
  }));
  return { ...rest, connections: adapted.filter(({ streams }) => Object.keys(streams).length > 0) };
}

/** What is gathered when a run is stopped by hand is still sent in the time that its functions have to end. */
const maxGatherSeconds = 5;

interface Surroundings {
  readonly dataDir: string;
  /** ` --data DIR` for `pagekeeper`, or nothing. */
  readonly dataOption: string;
  /** How long a minute of CloudWatch's is here, in milliseconds. */
  readonly minuteMs: number;
}

/** Of one function: where its settings are, what commands look like here, and that on-call does not wait for long. */
export function adaptVariables(
  variables: Readonly<Record<string, string>>,
  { dataDir, dataOption, minuteMs }: Surroundings,
): Readonly<Record<string, string>> {
  const { PAGEKEEPER_GATHER_SECONDS: gathers } = variables;
  const seconds = Math.min(maxGatherSeconds, (Number(gathers) * minuteMs) / 60_000);
  return {
    ...variables,
    PAGEKEEPER_SETTINGS: adaptedFile(dataDir),
    PAGEKEEPER_DATA_OPTION: dataOption,
    ...(gathers !== undefined && { PAGEKEEPER_GATHER_SECONDS: String(seconds) }),
  };
}

/** The file of a data folder that functions read in place of the settings beside their code. */
export function adaptedFile(dataDir: string): string {
  return path.resolve(dataDir, 'settings.json');
}

/** @param dataDir must be there */
export async function writeAdapted(dataDir: string, settings: SettingsDocument): Promise<void> {
  await writeFile(adaptedFile(dataDir), JSON.stringify(settings), { mode: 0o600 });
}
