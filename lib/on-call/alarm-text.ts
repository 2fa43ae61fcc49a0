import { runbookSection, type AlarmKind } from './alarm-kinds.ts';

/** What an alarm says to on-call: what is wrong, what it means for the data, what to do. */
export interface AlarmText {
  readonly kind: AlarmKind;
  readonly lines: readonly AlarmLine[];
}

export interface AlarmLine {
  /** Sentences. The last one leads to the command, or to the page, where there is one. */
  readonly says: string;
  readonly command?: AlarmCommand;
  /** Where more is written. */
  readonly page?: string;
}

/** What a person is to type who looks after a deployment. */
export type AlarmCommand =
  /** What follows `npx pagekeeper`, but for the name of the stack. */
  | { readonly kind: 'pagekeeper'; readonly args: string; readonly stack: string }
  /** Puts another key in place. */
  | { readonly kind: 'secret'; readonly connection: string; readonly stack: string }
  /** Sends a connection's dead letters back. @property line for a deployment: AWS's own, for CloudShell has that on a phone, too */
  | { readonly kind: 'redrive'; readonly connection: string; readonly line: string }
  | { readonly kind: 'other'; readonly line: string };

export function typed(command: AlarmCommand): string {
  switch (command.kind) {
    case 'pagekeeper':
      return `npx pagekeeper ${command.args} --stack ${command.stack}`;
    case 'secret':
      return `npx pagekeeper secret set ${command.connection} --stack ${command.stack}`;
    case 'redrive':
    case 'other':
      return command.line;
  }
}

/** With the lines that every text ends with. @param runbook the page on which its sections are */
export function wholeText({ kind, lines }: AlarmText, runbook: string): readonly AlarmLine[] {
  const isOfProject = lines.some(({ command }) => command !== undefined && typed(command).startsWith('npx '));
  return [
    ...lines,
    ...(isOfProject ? [{ says: "Type commands in Pagekeeper's project folder." }] : []),
    { says: 'Runbook:', page: `${runbook}#${runbookSection(kind)}` },
  ];
}

/** CloudWatch refuses longer ones. */
export const maxDescriptionLength = 1024;

/** As CloudWatch keeps it. @param lines the whole text */
export function joinedLines(lines: readonly AlarmLine[]): string {
  return lines
    .map(({ says, command, page }) => [says, command && typed(command), page])
    .map((parts) => parts.filter((part) => part !== undefined).join(' '))
    .join('\n');
}
