import { faults } from '../frame/faults.ts';
import type { Simulator } from '../frame/simulator.ts';
import { createMobaroVendor } from './mobaro-vendor.ts';

export const mobaro: Simulator = {
  create: createMobaroVendor,
  // The limit is one for the account, so a 429 on users makes the other streams wait, too.
  demoFaults: [
    faults.tooManyRequests('/users', 3, 2),
    faults.tooManyRequests('/users', 7),
    faults.unavailable('/users', 11),
    faults.unavailable('/timesheets', 5),
  ],
};
