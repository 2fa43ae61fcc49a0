import type { Message } from '../../lib/on-call/message.ts';
import { judgedKinds, type JudgedKind } from './judges/trouble-book.ts';

/** What people make of a message. */
export type MessageRead =
  | {
      readonly what: 'begun' | 'joined' | 'over';
      readonly connection: string;
      readonly kind: JudgedKind;
      /** By their names in the connection. */
      readonly streams: readonly string[];
      readonly isPage: boolean;
    }
  /** What an alarm itself says. */
  | { readonly what: 'alarm'; readonly connection: string };

const words = { PAGE: 'begun', TICKET: 'begun', MORE: 'joined', OVER: 'over' } as const;

/** @returns null for one that is about nothing that the simulation judges */
export function readMessage({ subject, text, thread, severity }: Message): MessageRead | null {
  const [word = '', of = '', connection = ''] = subject.split(' ');
  if (!of.endsWith(':')) return { what: 'alarm', connection };
  const kind = judgedKinds.find((one) => thread.includes(`-${one}-`));
  if (kind === undefined || !isWord(word)) return null;
  const streams = /^Streams: (?:all \d+: )?([^;\n]*)/m.exec(text)?.[1]?.split(', ') ?? [];
  return { what: words[word], connection, kind, streams, isPage: severity === 'page' };
}

function isWord(word: string): word is keyof typeof words {
  return word in words;
}
