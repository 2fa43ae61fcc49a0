import { streamStatus } from '../../lib/operations/status.ts';
import type { HereContext } from '../laptop/options/commands-here.ts';
import type { Screen } from '../laptop/report/screen.ts';
import type { LocalEvent, LocalView, RunObserver } from '../laptop/run/local-run.ts';
import type { LocalStack } from '../laptop/run/read-stack.ts';
import { oneLine } from '../terminal/words.ts';
import { timelineEventOf } from './timeline-event.ts';
import type { TimelineEvent, PageChange, PageState } from './page-state.ts';
import { alarmView, streamView } from './views.ts';

export interface WatcherOptions {
  readonly version: string;
  /** Whole names of the selected streams, in the order of the stack. */
  readonly streams: readonly string[];
  readonly here: HereContext;
}

/** After something has happened, so long until what is stored is read again: pages come several in a second. */
const soonMs = 200;
/** A person may change what is stored by another process, and looks here whether it has: within a second it is shown. */
const everyMs = 500;

/** A page per second for a quarter of an hour, and some more. */
const maxEvents = 1200;

type Listener = (change: PageChange) => void;

/**
 * Gathers what the page shows: what happens, by being a screen, and what is stored, by reading it. Reads only while
 * somebody listens, and when a run has ended.
 */
export class Watcher implements Screen, RunObserver {
  readonly #options: WatcherOptions;
  readonly #listeners = new Set<Listener>();
  readonly #pagesBefore = new Map<string, number>();
  #state: PageState;
  #ticks: LocalStack['ticks'] = [];
  #view: LocalView | undefined;
  #ids = 0;
  /** Told of once, until it goes well again. */
  #cannotRead = false;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#state = {
      version: options.version,
      now: 0,
      process: { startedAt: Date.now(), deployment: null, phase: 'starting', note: null },
      streams: options.streams.map((stream) =>
        streamView(streamStatus(stream, undefined), {
          schedule: undefined,
          nextTick: null,
          pagesBefore: null,
        }),
      ),
      alarms: [],
      limits: [],
      events: [],
    };
  }

  snapshot(): PageState {
    return { ...this.#state, now: Date.now() };
  }

  /** @returns how to listen no more. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#readIn(0);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** What is to be run: known from here on. */
  use({ template, ticks }: LocalStack): void {
    this.#ticks = ticks;
    this.#change({
      process: { ...this.#state.process, deployment: template.stackName },
      alarms: template.alarms.map((alarm) => alarmView(alarm, this.#options.here)),
    });
  }

  attach(view: LocalView): () => Promise<void> {
    this.#view = view;
    this.#readIn(0);
    return async () => {
      clearTimeout(this.#timer);
      await this.#reading;
      if (this.#view === undefined) return;
      await this.#read(view);
      this.#view = undefined;
    };
  }

  note(text: string): void {
    const { process } = this.#state;
    const phase = process.phase === 'running' ? 'stopping' : process.phase;
    this.#change({ process: { ...process, phase, note: text } });
  }

  begin(): void {
    this.#change({ process: { ...this.#state.process, phase: 'running', note: null } });
  }

  show(event: LocalEvent): void {
    const now = Date.now();
    const wasOn = this.#state.alarms.some(
      ({ name, state }) => event.kind === 'alarm' && name === event.name && state === 'ALARM',
    );
    if (event.kind === 'alarm') this.#setAlarm(event, now);
    // That an alarm is well from the beginning is no news.
    if (event.kind === 'alarm' && event.state !== 'ALARM' && !wasOn) return;
    const entry = timelineEventOf(event, this.#ids + 1, now);
    if (entry === null) return;
    this.#ids = entry.id;
    this.#tell(entry);
    if (this.#listeners.size > 0 || entry.kind === 'end') this.#readIn(soonMs);
  }

  end(): void {
    this.#change({ process: { ...this.#state.process, phase: 'ended', note: null } });
  }

  #setAlarm({ name, state }: Extract<LocalEvent, { kind: 'alarm' }>, since: number): void {
    this.#change({
      alarms: this.#state.alarms.map((alarm) => (alarm.name === name ? { ...alarm, state, since } : alarm)),
    });
  }

  #tell(event: TimelineEvent): void {
    const events = [...this.#state.events, event].slice(-maxEvents);
    this.#state = { ...this.#state, events };
    this.#send({ events: [event] });
  }

  /** Takes over what is new, and tells of it. */
  #change(change: Omit<PageChange, 'events'>): void {
    const changed = Object.fromEntries(
      Object.entries(change).filter(
        ([part, value]) => JSON.stringify(value) !== JSON.stringify(this.#state[part as keyof PageState]),
      ),
    );
    if (Object.keys(changed).length === 0) return;
    this.#state = { ...this.#state, ...changed };
    this.#send(changed);
  }

  #send(change: PageChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #readIn(ms: number): void {
    if (this.#view === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reading = this.#readOnce().finally(() => {
        this.#reading = undefined;
      });
    }, ms);
  }

  async #readOnce(): Promise<void> {
    // What was asked for while another reading was under way finds its end first.
    await this.#reading;
    if (this.#view === undefined) return;
    await this.#read(this.#view);
    if (this.#listeners.size > 0) this.#readIn(everyMs);
  }

  async #read(view: LocalView): Promise<void> {
    try {
      const [{ streams }, limits] = await Promise.all([view.status(), view.limits()]);
      for (const { stream, state, run } of streams) {
        if (state === 'idle' && run !== null) this.#pagesBefore.set(stream, run.pages);
      }
      this.#cannotRead = false;
      this.#change({
        limits,
        streams: streams.map((status) =>
          streamView(status, {
            schedule: this.#ticks.find(({ stream }) => stream === status.stream)?.schedule,
            nextTick: view.nextTick(status.stream),
            pagesBefore: this.#pagesBefore.get(status.stream) ?? null,
          }),
        ),
      });
    } catch (error) {
      if (this.#cannotRead) return;
      this.#cannotRead = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#tell({
        ...{ id: (this.#ids += 1), at: Date.now(), kind: 'log', severity: 'bad', stream: null },
        text: `what is stored could not be read: ${oneLine(why)}`,
      });
    }
  }
}
