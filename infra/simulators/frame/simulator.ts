import type { FaultPlan } from './fault-plan.ts';
import type { Vendor, VendorOptions } from './vendor.ts';

/** All that a simulated vendor is, in one value. */
export interface Simulator {
  readonly create: (options: VendorOptions) => Vendor;
  /**
   * What `npm start` shows: failures that go away by themselves, few enough that all their waits together stay well under
   * 20 s.
   */
  readonly demoFaults: FaultPlan;
}
