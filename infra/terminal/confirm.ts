import { createInterface } from 'node:readline';

/** @returns whether the person says yes; anything else is a no, and so is Ctrl-C */
export type Confirm = (question: string) => Promise<boolean>;

/** Asks on a terminal; null where there is none. The question is no output: it does not go into a pipe. */
export function confirmOn(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Confirm | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return (question) =>
    new Promise((resolve) => {
      const lines = createInterface({ input, output });
      let isAnswered = false;
      lines
        .on('SIGINT', () => {
          lines.close();
        })
        .on('close', () => {
          if (isAnswered) return;
          output.write('\n');
          resolve(false);
        });
      lines.question(question, (answer) => {
        isAnswered = true;
        lines.close();
        resolve(/^(y|yes)$/i.test(answer.trim()));
      });
    });
}
