import { faults } from '../frame/faults.ts';
import type { Simulator } from '../frame/simulator.ts';
import { bobFaults } from './bob-faults.ts';
import { createBobVendor } from './bob-vendor.ts';

export const bob: Simulator = {
  create: createBobVendor,
  demoFaults: [faults.serverError('/people/search', 1), bobFaults.rateLimit('/bulk/people/employment', 2, 2)],
};
