/**
 * A server that is tried in place of the embedded ones: `npm run test:foreign` names it. It is there already, and what others have
 * made on it, too.
 */
export const foreignEndpoint: string | undefined = process.env['PAGEKEEPER_TEST_ENDPOINT'];
