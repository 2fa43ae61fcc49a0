import type { Finding } from '../../../lib/operations/check.ts';

/** Of what is no vendor's, so that no vendor was asked. @param sentence without the target that it begins with */
export function ownFinding(target: string, verdict: Finding['verdict'], sentence: string): Finding {
  return { asked: null, limit: null, fault: null, target, verdict, sentence: `${target}: ${sentence}` };
}
