import { bob } from './bob.ts';
import type { Connector } from './connector.ts';
import { mobaro } from './mobaro.ts';

/** Every vendor that Pagekeeper can talk to, by the name used in settings. */
export const connectors: Readonly<Record<string, Connector>> = { mobaro, bob };
