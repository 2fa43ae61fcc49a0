import { contextOfThisMachine } from '../settings/project.ts';
import { assemblyFolder } from './data-folder/assembly.ts';
import {
  clearDataFolder,
  hideDataFolder,
  isDataFolder,
  mustBeOwn,
  openDataFolder,
} from './data-folder/data-folder.ts';
import { mayHoldRealRows, writeDescription } from './data-folder/description.ts';
import { lockData } from './data-folder/lock.ts';
import { alarmsHere, type HereContext } from './options/commands-here.ts';
import type { StartOptions } from './options/options.ts';
import type { Selection } from './options/selection.ts';
import { advance, withChangeLog, type Progress } from './report/progress.ts';
import type { Screen } from './report/screen.ts';
import type { LocalRunOptions, LocalRunResult, RunObserver } from './run/local-run.ts';
import { readStack, type LocalStack } from './run/read-stack.ts';
import { runLocally } from './run/run-locally.ts';
import { startSimulators } from './run/start-simulators.ts';
import { synthesize } from './run/synthesize.ts';

/** What a run has come to, as far as it came: kept outside of it, so that a failure in its midst can be told, too. */
export interface ProgressRef {
  progress: Progress;
}

/** `pagekeeper` opens the folder for a moment, too, when nothing runs. Longer than this it is another start. */
const patienceMs = 2000;

/** @throws UsageError, DataInUseError: the data folder is not ours, or not ours alone. */
export async function prepareDataFolder(dataDir: string, fresh: boolean): Promise<void> {
  await mustBeOwn(dataDir);
  if (!(await isDataFolder(dataDir))) {
    if (fresh) await clearDataFolder(dataDir);
    await openDataFolder(dataDir);
    return;
  }
  await hideDataFolder(dataDir);
  const unlock = await lockData(dataDir, patienceMs);
  try {
    if (fresh) await clearDataFolder(dataDir);
  } finally {
    await unlock();
  }
}

/** Looks at a run from before there is a stack. */
export interface StackObserver extends RunObserver {
  use(stack: LocalStack): void;
}

interface RunContext {
  readonly screen: Screen;
  readonly progressRef: ProgressRef;
  readonly signal: AbortSignal;
  readonly here: HereContext;
  /** With it the run goes on by its schedules until the signal aborts. */
  readonly observer: StackObserver | null;
}

/** Synthesizes the stack, starts the vendors that are simulated, and runs the selected streams. */
export async function startRun(
  { timeoutSeconds }: Pick<StartOptions, 'timeoutSeconds'>,
  { streams, everything, sources }: Selection,
  dataDir: string,
  { screen, progressRef, signal, here, observer }: RunContext,
): Promise<LocalRunResult> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const assembly = await assemblyFolder(dataDir);
  try {
    screen.note('synthesizing the stack');
    const template = await synthesize({
      outdir: assembly.outdir,
      context: contextOfThisMachine(),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
    });
    const stack = readStack({ ...template, alarms: alarmsHere(template.alarms, here) });
    observer?.use(stack);
    const { checkpointsTable, recordsTable, changesBucket, connections } = stack;
    if (changesBucket !== null) progressRef.progress = withChangeLog(progressRef.progress);
    const hasRealRows =
      sources.some(({ from }) => from.kind !== 'simulator') || (await mayHoldRealRows(dataDir));
    await writeDescription(dataDir, {
      ...{ checkpointsTable, recordsTable, hasRealRows },
      ...(changesBucket !== null && { changesBucket }),
      streams: connections.flatMap((connection) => connection.streams),
    });
    screen.note('starting DynamoDB, SQS and the functions');
    const simulators = await startSimulators(sources);
    try {
      screen.begin(progressRef.progress);
      const own = sources.filter(({ from }) => from.kind !== 'simulator');
      const options: LocalRunOptions = {
        stack,
        dataDir,
        selected: everything ? null : new Set(streams),
        baseUrls: new Map([
          ...simulators.baseUrls,
          ...own.flatMap(({ connection, from }) =>
            from.kind === 'url' ? [[connection, from.url] as const] : [],
          ),
        ]),
        secrets: new Map([
          ...simulators.secrets,
          ...own.map(({ connection, secret }) => [connection, secret] as const),
        ]),
        dataOption: here.dataOption,
        timeoutMs: observer === null ? Math.max(1, deadline - Date.now()) : null,
        signal,
        ...(observer === null ? {} : { observer }),
        onEvent: (event) => {
          const before = progressRef.progress;
          progressRef.progress = advance(before, event);
          screen.show(event, before, progressRef.progress);
        },
      };
      const unlock = await lockData(dataDir, patienceMs);
      try {
        return await runLocally(options);
      } finally {
        await unlock();
      }
    } finally {
      await simulators.close();
    }
  } finally {
    await assembly.remove();
  }
}
