import './require-node.ts';

import { relative } from 'node:path';

import { formatStreamName } from '../lib/connectors/stream-name.ts';
import { version } from '../lib/sync/version.ts';
import { DataInUseError } from './emulator/embedded/data-lock.ts';
import { endWith, inWords } from './end-with.ts';
import { dataDirOf } from './laptop/data-folder/data-folder.ts';
import { mayHoldRealRows } from './laptop/data-folder/description.ts';
import { keepFilesPrivate } from './laptop/data-folder/private-files.ts';
import type { HereContext } from './laptop/options/commands-here.ts';
import { askForKeys, noKeys, readKeys } from './laptop/options/keys.ts';
import { parseStartOptions, type StartOptions } from './laptop/options/options.ts';
import { keyPlacesOf, missingKeys, select, type Selection } from './laptop/options/selection.ts';
import { startAgain } from './laptop/options/start-again.ts';
import { textsOfAlarms } from './laptop/options/texts-of-alarms.ts';
import { finalReport, type FinalReport } from './laptop/report/final-report.ts';
import { newProgress, notLookedAt } from './laptop/report/progress.ts';
import { createScreen, screens, silentScreen } from './laptop/report/screen.ts';
import { exitStatus, summarize } from './laptop/report/summary.ts';
import type { StoredHere } from './laptop/report/stored-section.ts';
import type { LocalRunResult } from './laptop/run/local-run.ts';
import { watchSignals } from './laptop/signals.ts';
import { prepareDataFolder, startRun, type ProgressRef } from './laptop/start-run.ts';
import { contextOfProject, defaultDataDir } from './settings/project.ts';
import { readSettings } from './settings/read-settings.ts';
import { askHiddenOn } from './terminal/ask-hidden.ts';
import { colorsFor } from './terminal/colors.ts';
import { printableText } from './terminal/printable.ts';
import { quoted } from './terminal/words.ts';
import { writeAll } from './terminal/write-all.ts';
import { showPage } from './watch/show-page.ts';

/**
 * `npm start`: syncs every stream on this machine.
 * @param argv without node, the script and the name of the command
 * @returns the exit status
 */
export async function start(argv: readonly string[]): Promise<number> {
  keepFilesPrivate();
  const parsed = parseStartOptions(argv, version);
  if (parsed.kind === 'answer') {
    await writeAll(process.stdout, parsed.text);
    return 0;
  }
  const { options } = parsed;
  // Read from the settings, before the stack is made of them: a mistyped name is told at once.
  const settings = readSettings(contextOfProject().pagekeeper);
  const known = settings.connections.map(({ name, connector, streams }) => ({
    name,
    connector,
    streams: streams.map((stream) => formatStreamName({ connection: name, stream: stream.name })),
  }));
  const given = options.keysFrom === null ? noKeys : await readKeys(options.keysFrom, process.stdin);
  const missing = missingKeys(options, known, process.env, given);
  const keys = await askForKeys(missing, given, askHiddenOn(process.stdin, process.stderr));
  const selection = select(options, known, process.env, keys);
  for (const sentence of [...selection.leftOut, ...selection.modelled]) await say(options, sentence);
  const dataDir = dataDirOf(options.data, process.env);
  await prepareDataFolder(dataDir, options.fresh);
  return run(options, selection, dataDir, {
    keys: keyPlacesOf(selection, options.keysFrom, given, keys),
    texts: textsOfAlarms(settings),
  });
}

async function run(
  options: StartOptions,
  selection: Selection,
  dataDir: string,
  told: Pick<HereContext, 'keys' | 'texts'>,
): Promise<number> {
  const startedAt = Date.now();
  const here = {
    dataOption: dataDir === defaultDataDir ? '' : ` --data ${quoted(shown(dataDir))}`,
    again: startAgain(options, { timedOut: false }),
    runs: true,
    ...told,
  };
  const page =
    options.watch === null
      ? null
      : await showPage({ ...options.watch, version, streams: selection.streams, here });
  if (page !== null) await say(options, page.sentence);
  const terminal = options.json
    ? silentScreen(process.stderr)
    : createScreen(process.stdout, process.env, page?.sentence);
  const screen = page === null ? terminal : screens(terminal, page.watcher);
  const interruption = watchSignals(() => {
    screen.note('stopping; once more to stop at once');
  });
  const progressRef: ProgressRef = { progress: newProgress(selection.streams) };
  let result: LocalRunResult | null = null;
  let failure: unknown;
  try {
    const observer = page?.watcher ?? null;
    const context = { screen, progressRef, signal: interruption.signal, here, observer };
    result = await Promise.race([startRun(options, selection, dataDir, context), uncaught()]);
  } catch (error) {
    // Two starts in the same second: the other one was faster, and its streams are not ours to report on.
    if (error instanceof DataInUseError) throw error;
    failure = error;
  } finally {
    screen.end();
    await page?.close();
  }

  const stopped = interruption.exitStatus();
  const ended = stopped !== null ? 'interrupted' : (result?.ended ?? endOf(failure));
  if (ended === 'failed') process.stderr.write(`${printableText(inWords(failure), false)}\n`);
  const summary = summarize(progressRef.progress, result, { startedAt, endedAt: Date.now() });
  const report: FinalReport = {
    summary,
    alarms: result?.alarms ?? [],
    ended,
    notLookedAt: notLookedAt(progressRef.progress),
    watched: options.watch !== null,
    stored: result?.stored ? { ...result.stored, shows: await whatIsShown(dataDir) } : null,
    hasData: result !== null,
    dataDir: shown(dataDir),
    here: { ...here, runs: false, again: startAgain(options, { timedOut: ended === 'timed-out' }) },
    timeoutSeconds: options.timeoutSeconds,
  };
  const text = options.json
    ? JSON.stringify(summary, null, 2)
    : `\n${finalReport(report, (process.stdout.isTTY && process.stdout.columns) || 100, colorsFor(process.stdout, process.env))}`;
  await writeAll(process.stdout, `${text}\n`);
  return stopped ?? (result === null ? 1 : exitStatus(summary));
}

/** With `--json` standard output is for one object alone. */
function say({ json }: StartOptions, sentence: string): Promise<void> {
  return writeAll(json ? process.stderr : process.stdout, `${sentence}\n`);
}

/** Rows of a real vendor are personal data, and standard output may be a file or the log of a build. */
async function whatIsShown(dataDir: string): Promise<StoredHere['shows']> {
  if (!process.stdout.isTTY) return 'nothing';
  return (await mayHoldRealRows(dataDir)) ? 'fields' : 'rows';
}

/** What ended a run that came to no result. Only the time-out cuts off the synthesis, but for a signal. */
function endOf(failure: unknown): 'timed-out' | 'failed' {
  return failure instanceof Error && failure.name === 'AbortError' ? 'timed-out' : 'failed';
}

/** The embedded servers can throw where nobody waits for them: then the run is over, and is told of like any failure. */
function uncaught(): Promise<never> {
  return new Promise((_, reject) => {
    process.on('uncaughtException', (error) => {
      // dynalite, of a request by `pagekeeper` that was under way when the run had ended and the database was closed.
      if (!/^Database is (closed|not open)/.test(error.message)) reject(error);
    });
  });
}

/** A path as it can be typed. */
function shown(dataDir: string): string {
  const cwd = process.cwd();
  const short = relative(cwd, dataDir);
  // npm has moved here from where the command was typed, and the next one will be typed there again.
  const isElsewhere = (process.env['INIT_CWD'] ?? cwd) !== cwd;
  return isElsewhere || short === '' || short.startsWith('..') ? dataDir : short;
}

if (import.meta.main) endWith(() => start(process.argv.slice(2)));
