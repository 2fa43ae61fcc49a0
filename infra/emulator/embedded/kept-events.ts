import { appendFile, chmod, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { BusEvent } from './embedded-events.ts';

export const keptEventsName = 'events.ndjson';

/** Above this the older half goes. */
const maxBytes = 5 * 1024 * 1024;

/** The events of all runs on a data folder, one a line, in the order in which they came. One process writes it. */
export class KeptEvents {
  readonly #file: string;
  readonly #max: number;
  #work: Promise<void> = Promise.resolve();

  constructor(dataDir: string, max: number = maxBytes) {
    this.#file = path.join(dataDir, keptEventsName);
    this.#max = max;
  }

  /** In the order of the calls. */
  add(events: readonly BusEvent[]): Promise<void> {
    if (events.length === 0) return this.#work;
    const added = this.#work.then(() => this.#append(events));
    // One that fails keeps none after it from being tried.
    this.#work = added.catch(() => undefined);
    return added;
  }

  /** Nothing is being written after it. */
  async close(): Promise<void> {
    await this.#work;
  }

  async #append(events: readonly BusEvent[]): Promise<void> {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await appendFile(this.#file, lines, { mode: 0o600 });
    if ((await stat(this.#file)).size > this.#max) await this.#halve();
  }

  /** Renamed into its place, so that whoever reads it meanwhile finds one whole file or the other. */
  async #halve(): Promise<void> {
    const all = await readFile(this.#file);
    const cut = all.indexOf('\n', Math.floor(all.length / 2)) + 1;
    const temporary = `${this.#file}.new`;
    await writeFile(temporary, all.subarray(cut), { mode: 0o600 });
    // One that a killed run has left keeps the mode that it had.
    await chmod(temporary, 0o600);
    await rename(temporary, this.#file);
  }
}
