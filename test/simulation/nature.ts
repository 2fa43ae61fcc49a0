import type { Fault, Movement, Window } from './faults.ts';
import type { People } from './people.ts';
import type { Connection, World } from './world.ts';

/** Lets happen what has been planned for a moment: to the vendors' rows, to secrets and settings, and by people. */
export class Nature {
  readonly #world: World;
  readonly #people: People;
  /** By stream: movements that wait for the end of its run. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #over = false;

  constructor(world: World, people: People) {
    this.#world = world;
    this.#people = people;
  }

  plan(fault: Fault): void {
    const world = this.#world;
    const people = this.#people;
    const at = (time: number, act: () => void): void => world.scheduler.at(world.start + time, act);
    switch (fault.kind) {
      case 'resume':
        at(fault.at, () => people.resume(fault.stream));
        break;
      case 'allow':
        at(fault.at, () => people.allow(fault.stream));
        break;
      case 'pause':
        at(fault.at, () => people.pause(fault.target));
        at(fault.until, () => people.resume(fault.target));
        break;
      case 'unauthorized':
        this.#planRefusal(fault);
        break;
      case 'rotate':
        at(fault.at, () => this.#rotate(fault));
        break;
      case 'deploy':
        at(fault.at, () => this.#deploy(fault.stream, fault.pageSize));
        break;
      case 'forget':
        at(fault.at, () => {
          world.tell('table', `FAULT: forgets what the run of ${fault.stream} has seen`);
          world.seenRows.forget(fault.stream);
          world.idBatches.forget(fault.stream);
          for (const judge of world.judges) judge.forgot?.(fault.stream);
        });
        break;
      case 'expire tombstones':
        at(fault.at, () => {
          world.tell('table', 'takes away old tombstones');
          world.writer = null;
          world.records.expire(world.now());
        });
        break;
      case 'cap':
      case 'change':
      case 'insert':
      case 'delete':
      case 'return':
      case 'expire cursors':
        at(fault.at, () => this.#move(fault));
        break;
      default:
    }
  }

  /** What had to wait for the end of a run does not wait any more. */
  runEnded(stream: string): void {
    const waiting = this.#waiting.get(stream) ?? [];
    this.#waiting.delete(stream);
    for (const act of waiting) act();
  }

  /** From now on nothing moves; what still waits is forgotten. */
  comeToRest(): void {
    this.#over = true;
    this.#waiting.clear();
  }

  #move(movement: Movement): void {
    const world = this.#world;
    const { kind, stream } = movement;
    const rows = world.vendorStreams.get(stream);
    if (rows === undefined || this.#over) return;
    // What changes goes from where it was in a list of changes.
    const comesOrGoes =
      kind === 'insert' || kind === 'delete' || kind === 'return' || (kind === 'change' && rows.isByChange);
    if (comesOrGoes && world.scenario.drift === 'between' && world.checkpointOf(stream).run !== null) {
      const waiting = this.#waiting.get(stream) ?? [];
      this.#waiting.set(stream, [...waiting, () => this.#move(movement)]);
      return;
    }
    const before = rows.live.length;
    const now = world.now();
    switch (kind) {
      case 'cap':
        rows.cap = movement.cap;
        break;
      case 'expire cursors':
        rows.expireCursors(now);
        break;
      case 'change':
        rows.change(movement.place, now);
        break;
      case 'insert':
        rows.insert(movement.place, now);
        break;
      case 'delete':
        rows.remove(movement.place, movement.share, now);
        break;
      case 'return':
        rows.restore(movement.place, movement.share, now);
    }
    world.tell('vendor', `FAULT: ${kind} in ${stream}: ${before} rows, now ${rows.live.length}`);
  }

  #rotate({ target, place, share }: Extract<Fault, { kind: 'rotate' }>): void {
    const world = this.#world;
    const connection = this.#connection(target);
    if (connection === undefined) return;
    connection.secret.change();
    const { version } = connection.secret;
    for (const { name } of connection.streams) {
      const rows = world.vendorStreams.get(name);
      // What another key shows of the past nobody asks for again, and pages of one row cannot overlap.
      if (rows?.isWindowed === false && rows.canOverlap) rows.hide(version, place, share);
    }
    world.tell(
      'person',
      `changes the secret of ${target} to ${version}; FAULT: hides ${share.toFixed(2)} of all`,
    );
  }

  #deploy(stream: string, pageSize: number): void {
    const world = this.#world;
    const current = world.streams.get(stream)?.settings;
    if (current === undefined) return;
    // One alone is how the ids are asked for.
    const fields = current.fields?.slice(0, pageSize + 1) ?? null;
    world.deploy(stream, current.pageSize === null ? { fields } : { pageSize });
    world.tell(
      'person',
      `deploys ${stream} with ${fields === null ? `pages of ${pageSize}` : 'fewer fields'}`,
    );
  }

  #planRefusal({ at, until, target, fixed }: Extract<Window, { kind: 'unauthorized' }>): void {
    const world = this.#world;
    const connection = this.#connection(target);
    if (connection === undefined) return;
    const { secret, vendor } = connection;
    const step = (time: number, what: string, act: () => void): void => {
      world.scheduler.at(world.start + time, () => {
        world.tell(target, what);
        act();
      });
    };
    const change = (): void => secret.change();
    let refused = secret.version;
    const refuse = (): void => {
      refused = secret.version;
      vendor.refuse(refused);
    };
    step(at, `FAULT: refuses ${fixed === 'rotated before' ? 'the old version' : 'the secret'}`, () => {
      refuse();
      if (fixed === 'rotated before') change();
    });
    if (fixed === 'rotated twice') {
      step((at + until) / 2, 'a person changes the secret, to a wrong one', () => {
        change();
        refuse();
      });
    }
    if (fixed === 'rotated' || fixed === 'rotated twice') step(until, 'a person changes the secret', change);
    if (fixed === 'resumed') {
      step(until, 'takes the secret again', () => vendor.accept(refused));
      world.scheduler.at(world.start + until + 1000, () => this.#people.resume(target));
    }
  }

  #connection(name: string): Connection | undefined {
    return this.#world.connections.find(({ plan }) => plan.name === name);
  }
}
