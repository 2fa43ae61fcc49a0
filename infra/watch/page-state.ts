import type { Command } from '../laptop/options/command.ts';

/**
 * All that the page shows, as the server sends it. Holds no field of a record and nothing of a secret: it is made of page
 * reports, of checkpoints but for their cursors, and of the template. Times are epoch milliseconds. The page's own
 * scripts are checked against it, so it imports no more than types that need nothing of Node.
 */
export interface PageState {
  /** Another one means that the page itself may be out of date. */
  readonly version: string;
  /** When this was sent: what tells the browser's clock from ours. */
  readonly now: number;
  readonly process: ProcessView;
  readonly streams: readonly StreamView[];
  readonly alarms: readonly AlarmView[];
  readonly limits: readonly LimitView[];
  /** The latest ones, oldest first. */
  readonly events: readonly TimelineEvent[];
}

/** What has changed: each part whole, but of the events only the new ones. */
export type PageChange = Partial<Omit<PageState, 'version' | 'now'>>;

export interface ProcessView {
  readonly startedAt: number;
  /** The stack's name; null until it is synthesized. */
  readonly deployment: string | null;
  readonly phase: 'starting' | 'running' | 'stopping' | 'ended';
  /** What it does at present, while it starts or stops; null if nothing is to be said. */
  readonly note: string | null;
}

/** How a state is to be taken: the page has a shape and a colour for each. */
export type Severity = 'good' | 'active' | 'waiting' | 'note' | 'bad' | 'new';

export interface StreamView {
  /** `mobaro/users` */
  readonly stream: string;
  /** `mobaro` */
  readonly connection: string;
  /** One word. */
  readonly outcome: string;
  /** What that means. */
  readonly words: string;
  readonly severity: Severity;
  readonly reason: string | null;
  readonly attempt: number;
  /** Where an open run goes on, in words; null if none is open. */
  readonly position: string | null;
  readonly run: RunView | null;
  readonly completedAt: number | null;
  readonly waitingUntil: number | null;
  readonly haltedSince: number | null;
  /** Null if none is planned. */
  readonly nextTick: number | null;
  /** While it is, ticks come and do nothing. */
  readonly stoppedBy: 'halted' | 'paused' | null;
  /** As the template has it: `cron(3/15 * * * ? *)`. */
  readonly schedule: string;
}

/** Of the open run, or the last one. */
export interface RunView {
  readonly isOpen: boolean;
  readonly startedAt: number;
  readonly pages: number;
  /** Of the run before; null where none was seen. */
  readonly pagesBefore: number | null;
  /** What else is counted, by name: `records`, `written`. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface AlarmView {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Null before the first change. */
  readonly since: number | null;
  /** What on-call is sent, line by line, with the commands of this machine: `code`. */
  readonly text: readonly { readonly says: string; readonly code: string | null }[];
  /** The stream or connection that it is about; null if it is about neither. */
  readonly about: string | null;
  readonly commands: readonly Command[];
}

export interface LimitView {
  readonly scope: string;
  /** Let through in the last minute. */
  readonly calls: number;
  /** Let through in a minute at the most, at present. */
  readonly pace: number;
  /** Requests a minute at the vendor; null while it is not known. */
  readonly limit: number | null;
  readonly saidBy: 'settings' | 'vendor' | 'documentation' | null;
  readonly closedUntil: number | null;
  readonly window: { readonly remaining: number; readonly resetAt: number } | null;
}

/** One thing that happened, as the time line tells it. */
export interface TimelineEvent {
  /** Counts up from 1 in each process. */
  readonly id: number;
  readonly at: number;
  readonly kind: 'page' | 'wait' | 'end' | 'alarm' | 'log';
  readonly severity: Severity;
  /** Null if it is about no stream. */
  readonly stream: string | null;
  readonly text: string;
  /** Of a wait: when it is over. */
  readonly until?: number;
  /** Of a page: what was counted of it, by name. */
  readonly counts?: Readonly<Record<string, number>>;
}
