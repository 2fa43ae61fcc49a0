import type { Chance } from './chance.ts';
import { never, SimulatedFailure } from './invocation.ts';
import { stopEarlyMs } from './scenario.ts';
import type { World } from './world.ts';

/** What becomes of one call. */
const fates = ['dies before', 'dies after', 'fails', 'answer lost', 'slow'] as const;
type Fate = (typeof fates)[number] | 'well';
const slowestMs = 120_000;

/** An invocation of a function of the change log or of the events, as AWS runs it: it can die at any of its calls. */
export class Mortal {
  readonly who: string;
  readonly #world: World;
  readonly #chance: Chance;
  readonly #trouble: number;
  readonly #timeoutMs: number;
  readonly #disturbed: () => void;
  readonly #controller = new AbortController();
  #isOver = false;
  #end: (isWell: boolean) => void = () => undefined;

  /** @param trouble how likely something becomes of a call that is not to be, 0 to 1 @param disturbed told when it does */
  constructor(
    world: World,
    who: string,
    chance: Chance,
    {
      trouble,
      timeoutMs,
      disturbed = () => undefined,
    }: { readonly trouble: number; readonly timeoutMs: number; readonly disturbed?: () => void },
  ) {
    this.#world = world;
    this.who = who;
    this.#chance = chance;
    this.#trouble = trouble;
    this.#timeoutMs = timeoutMs;
    this.#disturbed = disturbed;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @returns whether it came to its end, as far as AWS can tell */
  run(work: () => Promise<unknown>): Promise<boolean> {
    const { scheduler } = this.#world;
    const timeoutMs = this.#timeoutMs;
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

  /**
   * What it asks of somebody else. Once that is on its way it is done, whatever becomes of the function.
   *
   * @param takesMs how long it is on its way, unless it is slow
   */
  async call<Result>(what: string, effect: () => Promise<Result>, takesMs = 0): Promise<Result> {
    await this.#goOn();
    const fate: Fate = this.#chance.happens(this.#trouble) ? this.#chance.pick(fates) : 'well';
    if (fate !== 'well') this.#disturbed();
    if (fate === 'dies before') return this.#die(`killed before it ${what}`);
    if (fate === 'fails') throw new SimulatedFailure(`fails where it ${what}`);
    const ms = fate === 'slow' ? this.#chance.scaled(1000, Math.min(this.#timeoutMs, slowestMs)) : takesMs;
    const result = ms === 0 ? await effect() : await this.#sent(ms, effect);
    if (fate === 'dies after') return this.#die(`killed after it ${what}`);
    if (fate === 'answer lost') throw new SimulatedFailure(`is not told of it where it ${what}`);
    if (ms > 0) await this.#goOn();
    return result;
  }

  async #sent<Result>(ms: number, effect: () => Promise<Result>): Promise<Result> {
    this.#world.onTheirWay += 1;
    await this.#world.scheduler.pass(ms);
    this.#world.onTheirWay -= 1;
    return effect();
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
