import { fileURLToPath } from 'node:url';

/** The folder with cdk.json, absolute. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
