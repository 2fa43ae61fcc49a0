import type { LimitUse } from '../../../lib/aws/dynamo-governor.ts';
import type { Status } from '../../../lib/operations/status.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { PageReport } from '../../../lib/sync/report.ts';
import type { AlarmResult } from '../../emulator/alarms/local-cloudwatch.ts';
import type { Notification } from '../../emulator/embedded/publish-to-sns.ts';
import type { AwsEvent } from '../../emulator/local-aws.ts';
import type { LocalStack } from './read-stack.ts';
import type { PublishedObject } from './published-report.ts';
import type { StoredSample } from './stored-sample.ts';

export interface LocalRunOptions {
  readonly stack: LocalStack;
  /** Made if it is not there. DynamoDB's files are in `dynamodb/`; `running.json` is there while a run is. */
  readonly dataDir: string;
  /** Names of streams, `mobaro/users`; null is all. */
  readonly selected: ReadonlySet<string> | null;
  /** By connection: where its functions call instead of where the template says. */
  readonly baseUrls: ReadonlyMap<string, string>;
  /** By connection: the fields of its secret. Without it, the secret holds the placeholder of the template. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Behind the commands in messages: ` --data DIR`, or nothing. */
  readonly dataOption: string;
  /** Null goes on until the signal aborts. */
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: LocalEvent) => void;
  /** With it the run goes on by its schedules and at their own pace, until the signal aborts. */
  readonly observer?: RunObserver;
}

/** Whole names, in the order of the stack. */
export function chosenStreams({
  stack,
  selected,
}: Pick<LocalRunOptions, 'stack' | 'selected'>): readonly string[] {
  return stack.connections
    .flatMap(({ streams }) => streams)
    .filter((stream) => selected?.has(stream) ?? true);
}

/** Somebody who looks at a run while it goes on. */
export interface RunObserver {
  /** @returns how to detach it; once that has resolved, it asks nothing of the view any more. */
  attach(view: LocalView): () => Promise<void>;
}

/** What can be asked of a run while it goes on. Reads only. */
export interface LocalView {
  /** Of the selected streams. */
  status(): Promise<Status>;
  /** Of the limit scopes of the selected streams. */
  limits(): Promise<readonly LimitView[]>;
  /** When a stream's next tick comes, epoch milliseconds. */
  nextTick(stream: string): number | null;
}

export interface LimitView extends LimitUse {
  readonly scope: string;
}

/** All times are epoch milliseconds. */
export type LocalEvent =
  | { readonly kind: 'report'; readonly report: PageReport; readonly at: number }
  /** A process that is gone left the stream leased or waiting: its tick comes at `until`. */
  | { readonly kind: 'waiting-for-lease'; readonly stream: string; readonly until: number }
  /** A log line of level WARN or above that is no report. */
  | { readonly kind: 'log'; readonly level: string; readonly message: string; readonly functionName: string }
  /** Changes have been written into the change log. */
  | { readonly kind: 'published'; readonly objects: readonly PublishedObject[] }
  /** People have been told of something. */
  | { readonly kind: 'message'; readonly subject: string }
  /** @property stream whose page it was for; null where it was for something else */
  | {
      readonly kind: 'function-failed';
      readonly functionName: string;
      readonly stream: string | null;
      readonly reason: string;
    }
  | Extract<AwsEvent, { readonly kind: 'alarm' | 'event' }>;

/** What a topic has sent, as an e-mail has it. */
export interface LocalNotification extends Notification {
  /** Whether it was sent to people, or to pagers. */
  readonly listeners: 'people' | 'machines';
}

export interface LocalRunResult {
  /** Of the selected streams; one that was never stored is left out. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly alarms: readonly AlarmResult[];
  readonly notifications: readonly LocalNotification[];
  readonly ended: 'settled' | 'timed-out' | 'interrupted';
  /** Of the selected streams; null where it could not be read. */
  readonly stored: StoredSample | null;
}
