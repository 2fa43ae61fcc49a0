/**
 * Ctrl-C: the first one stops in good order, the second one at once. `npm start` passes on the Ctrl-C that the terminal
 * has sent to the whole process group already, so one keystroke arrives twice within milliseconds.
 */
const sameKeystrokeMs = 500;

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
type Name = keyof typeof numbers;

export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 and the signal's number, as shells count; null if there was none. */
  exitStatus(): number | null;
  /** From here on signals do again what they do by themselves. */
  release(): void;
}

/** @param tell called at the first one. */
export function watchSignals(
  tell: () => void,
  process: Pick<NodeJS.Process, 'on' | 'off' | 'exit'> = globalThis.process,
  now: () => number = Date.now,
): Interruption {
  const controller = new AbortController();
  let first: { readonly status: number; readonly at: number } | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    const status = 128 + numbers[name as Name];
    if (first === null) {
      first = { status, at: now() };
      tell();
      controller.abort();
    } else if (now() - first.at >= sameKeystrokeMs) {
      process.exit(status);
    }
  };
  const names = Object.keys(numbers) as Name[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    exitStatus: () => first?.status ?? null,
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
