import { exact, type JsonObject } from '../frame/json.ts';
import type { Random } from '../frame/random.ts';
import { date, naive } from '../frame/timeline.ts';
import type { Entry } from './entry.ts';

const day = 86_400_000;

/** An entry of the employment history. */
export function employmentEntry(random: Random, { effective, place, isLast }: Entry): JsonObject {
  return {
    effectiveDate: date(effective),
    activeEffectiveDate: date(effective),
    isCurrent: isLast,
    contract: random.pick(['Permanent', 'Fixed term', null]),
    type: null,
    salaryPayType: random.pick(['Salary', 'Hourly']),
    weeklyHours: exact(random.pick(['37.50', '40.0', '18.75'])),
    fte: exact(random.pick(['100', '50.00'])),
    hourlyAllowance: {
      value: exact(random.pick(['1.10', '2.00', '0.3333333333333333333'])),
      currency: 'EUR',
    },
    change: { reason: place === 0 ? 'New hire of an invented person' : null, changedBy: null },
    creationDate: date(effective - 3 * day),
    modificationDate: naive(effective - day + random.below(86_400) * 1000),
  };
}
