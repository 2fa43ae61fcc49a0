import { createHash } from 'node:crypto';

// These bytes are "+//+" in base64: whoever forgets to encode a cursor in the query sends spaces instead.
const prefix = Buffer.from([0xfb, 0xff, 0xfe]);

/**
 * An opaque cursor. It holds all there is to know, so it outlives the process that gave it, and it is bound to `scan`:
 * the filters that it was given for.
 */
export function writeCursor(scan: string, offset: number): string {
  const payload = `${String(offset)}.${checksum(scan, offset)}`;
  // One byte over a multiple of three, so that every cursor ends in "==".
  return Buffer.concat([prefix, Buffer.from(payload.padEnd(31))]).toString('base64');
}

/** The offset, or null if the cursor was not given for this scan. */
export function readCursor(scan: string, cursor: string): number | null {
  const bytes = Buffer.from(cursor, 'base64');
  const [digits = ''] = bytes.subarray(prefix.length).toString('latin1').split('.');
  const offset = /^\d{1,9}$/.test(digits) ? Number(digits) : null;
  return offset !== null && writeCursor(scan, offset) === cursor ? offset : null;
}

function checksum(scan: string, offset: number): string {
  return createHash('sha256')
    .update(`${scan}\n${String(offset)}`)
    .digest('hex')
    .slice(0, 12);
}
