import { colorsFor } from '../../infra/terminal/colors.ts';
import { calmTable } from '../../infra/terminal/table.ts';

interface Tried {
  readonly what: string;
  /** Of one that is counted by another program: how many. */
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly error: string | null;
}

/** What was tried, and what came of it. */
export class Report {
  readonly #tried: Tried[] = [];

  /** One check. @returns what it found; undefined where it failed, which is written down */
  async check<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    const note = (error: string | null): void => {
      const seconds = (performance.now() - start) / 1000;
      this.#tried.push({
        what,
        passed: error === null ? 1 : 0,
        failed: error === null ? 0 : 1,
        seconds,
        error,
      });
      process.stderr.write(`${error === null ? 'ok    ' : 'FAILED'} ${what}\n`);
    };
    try {
      const found = await act();
      note(null);
      return found;
    } catch (error) {
      note(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Checks that another program has counted. */
  add(what: string, counts: Omit<Tried, 'what'>): void {
    this.#tried.push({ what, ...counts });
    process.stderr.write(`${counts.failed === 0 ? 'ok    ' : 'FAILED'} ${what}\n`);
  }

  get passed(): number {
    return this.#tried.reduce((sum, { passed }) => sum + passed, 0);
  }

  get failed(): number {
    return this.#tried.reduce((sum, { failed }) => sum + failed, 0);
  }

  /** A table, and below it what was wrong. */
  toString(): string {
    const table = calmTable(
      ['tried', 'passed', 'failed', 'seconds'],
      ['left', 'right', 'right', 'right'],
      colorsFor(process.stdout, process.env),
    );
    for (const { what, passed, failed, seconds } of this.#tried)
      table.push([what, String(passed), String(failed), seconds.toFixed(1)]);
    const errors = this.#tried.flatMap(({ what, error }) => (error === null ? [] : [`${what}:\n  ${error}`]));
    return [table.toString(), ...errors].join('\n\n');
  }
}
