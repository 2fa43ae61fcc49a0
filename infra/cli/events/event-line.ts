import { eventInWords, eventTypes, type PagekeeperEvent } from '../../../lib/operations/sent-events.ts';
import { oneLine } from '../../terminal/words.ts';

/** One line for a person. Pure. */
export function eventLine(event: PagekeeperEvent): string {
  const { type, detail } = event;
  return oneLine([detail.at, type.padEnd(typeWidth), detail.stream, eventInWords(event)].join('  '));
}

const typeWidth = Math.max(...eventTypes.map(({ length }) => length));
