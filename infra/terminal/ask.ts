import { createInterface } from 'node:readline';

import { InterruptedError } from './ask-hidden.ts';

/**
 * @returns what the person types, without the blanks around it; empty if nothing, as after Ctrl-D
 * @throws InterruptedError
 */
export type Ask = (question: string) => Promise<string>;

/** Asks on a terminal; null where there is none. The question is no output: it does not go into a pipe. */
export function askOn(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Ask | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return (question) =>
    new Promise((resolve, reject) => {
      const lines = createInterface({ input, output });
      let answer: string | null = null;
      let isInterrupted = false;
      lines
        .on('SIGINT', () => {
          isInterrupted = true;
          lines.close();
        })
        .on('close', () => {
          if (answer === null) output.write('\n');
          if (isInterrupted) reject(new InterruptedError());
          else resolve(answer ?? '');
        });
      lines.question(question, (typed) => {
        answer = typed.trim();
        lines.close();
      });
    });
}
