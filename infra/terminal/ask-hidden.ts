import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Ctrl-C: the command ends there, and says nothing more. */
export class InterruptedError extends Error {}

/**
 * @returns what the person types, which is not shown; null if there is nothing, as after Ctrl-D
 * @throws InterruptedError
 */
export type AskHidden = (question: string) => Promise<string | null>;

/** Asks on a terminal; null where there is none. */
export function askHiddenOn(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): AskHidden | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return (question) =>
    new Promise((resolve, reject) => {
      output.write(question);
      // readline echoes what it reads to its output: this one is nowhere.
      const nowhere = new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      });
      const lines = createInterface({ input, output: nowhere, terminal: true });
      let answer: string | null = null;
      let isInterrupted = false;
      lines
        .on('SIGINT', () => {
          isInterrupted = true;
          lines.close();
        })
        .on('close', () => {
          output.write('\n');
          if (isInterrupted) reject(new InterruptedError());
          else resolve(answer);
        })
        .once('line', (line) => {
          answer = line;
          lines.close();
        });
    });
}
