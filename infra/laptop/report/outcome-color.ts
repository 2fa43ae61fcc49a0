import { standingOf, type StreamOutcome } from '../../../lib/sync/outcome.ts';
import type { Colors } from '../../terminal/colors.ts';

export function colorOfOutcome(outcome: StreamOutcome, colors: Colors): (text: string) => string {
  const standing = standingOf[outcome];
  if (standing === 'complete') return colors.green;
  return standing === 'under way' ? colors.yellow : colors.red;
}
