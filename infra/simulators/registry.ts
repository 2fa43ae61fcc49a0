import { bob } from './bob/simulator.ts';
import type { Simulator } from './frame/simulator.ts';
import { mobaro } from './mobaro/simulator.ts';

/** By the connector's name: one folder, and one line here. A connector need not have one. */
export const simulators: Readonly<Record<string, Simulator>> = {
  mobaro,
  bob,
};

export function isSimulated(connector: string): boolean {
  return Object.hasOwn(simulators, connector);
}
