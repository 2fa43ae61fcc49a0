import { PassThrough } from 'node:stream';

export type FakeOutput = NodeJS.WriteStream & PassThrough;

/** Where a command writes, in place of the terminal or pipe of a process; `read()` gives what has been written. */
export function fakeOutput(
  terminal: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number } = {},
): FakeOutput {
  // Of a WriteStream the commands use what every stream has, and whether and how large a terminal it is.
  return Object.assign(new PassThrough(), terminal) as unknown as FakeOutput;
}
