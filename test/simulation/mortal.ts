import type { Chance } from './chance.ts';
import { never, SimulatedFailure } from './invocation.ts';
import { stopEarlyMs } from './scenario.ts';
import type { World } from './world.ts';

/** What becomes of one call. */
const fates = ['dies before', 'dies after', 'fails', 'answer lost', 'slow'] as const;
type Fate = (typeof fates)[number] | 'well';

/** An invocation of a function of the change log or of the events, as AWS runs it: it can die at any of its calls. */
export class Mortal {
  readonly who: string;
  readonly #world: World;
  readonly #chance: Chance;
  readonly #trouble: number;
  readonly #controller = new AbortController();
  #isOver = false;
  #end: (isWell: boolean) => void = () => undefined;

  /** @param trouble how likely something becomes of a call that is not to be, 0 to 1 */
  constructor(world: World, who: string, chance: Chance, trouble: number) {
    this.#world = world;
    this.who = who;
    this.#chance = chance;
    this.#trouble = trouble;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @returns whether it came to its end, as far as AWS can tell */
  run(timeoutMs: number, work: () => Promise<void>): Promise<boolean> {
    const { scheduler } = this.#world;
    return new Promise((resolve) => {
      this.#end = (isWell) => {
        if (this.#isOver) return;
        this.#isOver = true;
        resolve(isWell);
      };
      scheduler.after(timeoutMs - stopEarlyMs, () => {
        if (!this.#isOver) this.#controller.abort(new SimulatedFailure('out of time'));
      });
      scheduler.after(timeoutMs, () => void this.#die('out of time'));
      work().then(
        () => this.#end(true),
        (error: unknown) => this.#die((error as Error).message),
      );
    });
  }

  /** What it asks of somebody else. Once that is on its way it is done, whatever becomes of the function. */
  async call<Result>(what: string, effect: () => Promise<Result>): Promise<Result> {
    await this.#goOn();
    const fate: Fate = this.#chance.happens(this.#trouble) ? this.#chance.pick(fates) : 'well';
    if (fate === 'dies before') return this.#die(`killed before it ${what}`);
    if (fate === 'fails') throw new SimulatedFailure(`fails where it ${what}`);
    const isSlow = fate === 'slow';
    if (isSlow) await this.#world.scheduler.pass(this.#chance.scaled(1000, 120_000));
    const result = await effect();
    if (fate === 'dies after') return this.#die(`killed after it ${what}`);
    if (fate === 'answer lost') throw new SimulatedFailure(`is not told of it where it ${what}`);
    if (isSlow) await this.#goOn();
    return result;
  }

  /** It takes its time over something. */
  async pass(ms: number): Promise<void> {
    await this.#world.scheduler.pass(ms);
    await this.#goOn();
  }

  async #goOn(): Promise<void> {
    if (this.#isOver) await never();
    this.signal.throwIfAborted();
  }

  #die(why: string): Promise<never> {
    if (!this.#isOver) this.#world.tell(this.who, `FAULT: ${why}`);
    this.#end(false);
    return never();
  }
}
