import type { Connector } from '../../lib/connectors/connector.ts';
import { Failed, Subject, type Check } from './check.ts';
import { answerChecks } from './checks/answers.ts';
import { bodyChecks } from './checks/bodies.ts';
import { changeChecks } from './checks/changes.ts';
import { definitionChecks } from './checks/definition.ts';
import { endChecks } from './checks/ends.ts';
import { interruptionChecks } from './checks/interruptions.ts';
import { limitChecks } from './checks/limits.ts';
import { pagingChecks } from './checks/paging.ts';
import { poisonChecks } from './checks/poison.ts';
import { rowChecks } from './checks/rows.ts';
import { windowChecks } from './checks/windows.ts';
import { whatIsNewChecks } from './checks/what-is-new.ts';
import { wordChecks } from './checks/words.ts';

export interface Result {
  readonly stream: string;
  readonly check: string;
  readonly passed: boolean;
  /** What was seen, or what was found to be otherwise. */
  readonly sentence: string;
  readonly milliseconds: number;
}

export const checks: readonly Check[] = [
  ...definitionChecks,
  ...rowChecks,
  ...pagingChecks,
  ...endChecks,
  ...windowChecks,
  ...whatIsNewChecks,
  ...changeChecks,
  ...interruptionChecks,
  ...answerChecks,
  ...wordChecks,
  ...limitChecks,
  ...bodyChecks,
  ...poisonChecks,
];

/** Looks at one stream with every check that applies to it. */
export async function* accept(
  connector: Connector,
  stream: string,
  chosen: readonly Check[] = checks,
): AsyncGenerator<Result, void, undefined> {
  const { definition } = new Subject(connector, stream);
  for (const check of chosen) {
    if (check.applies?.(definition) === false) continue;
    const named = { stream: `${connector.name}/${stream}`, check: check.name };
    const began = performance.now();
    const outcome = await outcomeOf(check, new Subject(connector, stream));
    yield { ...named, ...outcome, milliseconds: Math.round(performance.now() - began) };
  }
}

async function outcomeOf(check: Check, subject: Subject): Promise<Pick<Result, 'passed' | 'sentence'>> {
  try {
    const sentence = await check.run(subject);
    subject.demandGoodRequests();
    return { passed: true, sentence };
  } catch (error) {
    return { passed: false, sentence: whyFailed(error, subject) };
  }
}

/** A request that is wrong explains whatever came of it. */
function whyFailed(error: unknown, subject: Subject): string {
  try {
    subject.demandGoodRequests();
  } catch (fault) {
    if (fault instanceof Failed) return fault.message;
  }
  if (error instanceof Failed) return error.message;
  return error instanceof Error ? `it broke: ${error.stack ?? error.message}` : 'it broke';
}
