import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** @returns what the person types, which is not shown; null if there is nothing, as after Ctrl-C */
export type AskHidden = (question: string) => Promise<string | null>;

/** Asks on a terminal; null where there is none. */
export function askHiddenOn(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): AskHidden | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return (question) =>
    new Promise((resolve) => {
      output.write(question);
      // readline echoes what it reads to its output: this one is nowhere.
      const nowhere = new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      });
      const lines = createInterface({ input, output: nowhere, terminal: true });
      let answer: string | null = null;
      lines
        .on('SIGINT', () => {
          lines.close();
        })
        .on('close', () => {
          output.write('\n');
          resolve(answer);
        })
        .once('line', (line) => {
          answer = line;
          lines.close();
        });
    });
}
