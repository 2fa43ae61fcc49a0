import type { Source } from '../options/selection.ts';
import type { FaultPlan } from '../../simulators/frame/fault-plan.ts';
import { startSimulatedVendor, type SimulatedVendor } from '../../simulators/start-simulated-vendor.ts';

export interface Simulators {
  /** By connection: where each one listens. */
  readonly baseUrls: ReadonlyMap<string, string>;
  /** By connection: the credentials that it accepts. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/**
 * Starts one simulated vendor for each connection that is to have one: two connections are two accounts.
 *
 * @param options.faults what goes wrong; the demonstration's plan unless given
 */
export async function startSimulators(
  sources: readonly Source[],
  options: { readonly faults?: FaultPlan } = {},
): Promise<Simulators> {
  const vendors = new Map<string, SimulatedVendor>();
  const close = async (): Promise<void> => {
    await Promise.all([...vendors.values()].map((vendor) => vendor.close()));
  };
  try {
    for (const { connection, connector, from } of sources) {
      if (from.kind !== 'simulator') continue;
      vendors.set(
        connection,
        await startSimulatedVendor(from.definition ?? connector, {
          ...options,
          seed: seedOf(connection, connector),
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    baseUrls: new Map([...vendors].map(([connection, { url }]) => [connection, url])),
    secrets: new Map([...vendors].map(([connection, { secret }]) => [connection, secret])),
    close,
  };
}

/** The same in every run, or each start would find other records; another one for each account. */
function seedOf(connection: string, connector: string): number {
  if (connection === connector) return 1;
  let seed = 7;
  for (const byte of Buffer.from(connection)) seed = (seed * 31 + byte) % 1_000_003;
  return seed;
}
