import type { FaultPlan } from './frame/fault-plan.ts';
import { faults } from './frame/faults.ts';

/**
 * What `npm start` shows: each kind of failure that goes away by itself, few enough that all their waits together stay
 * well under 20 s. Mobaro's limit is one for the account, so a 429 on users makes its other streams wait, too.
 */
export const demoFaults: Readonly<Record<'mobaro' | 'bob', FaultPlan>> = {
  mobaro: [
    faults.tooManyRequests('/users', 3, 2),
    faults.tooManyRequests('/users', 7),
    faults.unavailable('/users', 11),
    faults.unavailable('/timesheets', 5),
  ],
  bob: [faults.serverError('/people/search', 1), faults.bobRateLimit('/bulk/people/employment', 2, 2)],
};
