import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';

import { watchSignals } from '../../../infra/laptop/signals.ts';

function setUp() {
  const exit = vi.fn();
  const process = Object.assign(new EventEmitter(), { exit });
  let time = 1000;
  const tell = vi.fn();
  // Of a process it uses the signals and the exit, and this one must not end.
  const interruption = watchSignals(tell, process as unknown as NodeJS.Process, () => time);
  return { exit, process, tell, interruption, pass: (ms: number) => (time += ms) };
}

describe('watchSignals', () => {
  it('stops in good order at the first Ctrl-C, and at once at the second', () => {
    const { exit, process, tell, interruption, pass } = setUp();
    expect(interruption.exitStatus()).toBeNull();

    process.emit('SIGINT', 'SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.exitStatus()).toBe(130);
    expect(tell).toHaveBeenCalledOnce();
    expect(exit).not.toHaveBeenCalled();

    pass(600);
    process.emit('SIGINT', 'SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('takes one keystroke that npm passes on once more for one', () => {
    const { exit, process, pass } = setUp();

    process.emit('SIGINT', 'SIGINT');
    pass(5);
    process.emit('SIGINT', 'SIGINT');

    expect(exit).not.toHaveBeenCalled();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('ends with the status of %s', (name, status) => {
    const { process, interruption } = setUp();

    process.emit(name, name);

    expect(interruption.exitStatus()).toBe(status);
  });
});
