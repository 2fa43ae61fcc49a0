import { crc32, deflateRawSync } from 'node:zlib';

/** Files by name, as Lambda takes them: a ZIP archive of the plain kind (APPNOTE.TXT 4.3), and nothing that a bundle does not need. */
export function zip(files: ReadonlyMap<string, Uint8Array>): Buffer<ArrayBuffer> {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const packed = deflateRawSync(content, { level: 1 });
    const path = Buffer.from(name);
    const common = commonHeader(content, packed, path);
    const entry = Buffer.concat([uint32(0x04034b50), common, path, packed]);
    // Made on Unix by version 2.0, a regular file that everybody may read.
    const attributes = [uint16(0), uint16(0), uint16(0), uint32((0o100644 << 16) >>> 0), uint32(offset)];
    directory.push(Buffer.concat([uint32(0x02014b50), uint16(0x0314), common, ...attributes, path]));
    entries.push(entry);
    offset += entry.length;
  }
  const list = Buffer.concat(directory);
  const count = uint16(entries.length);
  const end = [uint32(0x06054b50), uint32(0), count, count, uint32(list.length), uint32(offset), uint16(0)];
  return Buffer.concat([...entries, list, ...end]);
}

/** What the header of an entry and its line in the directory have in common, up to the length of the extra field. */
function commonHeader(content: Uint8Array, packed: Buffer, path: Buffer): Buffer {
  const [version, utf8, deflated, midnight, newYear1980] = [20, 0x0800, 8, 0, 0x21];
  return Buffer.concat([
    ...[version, utf8, deflated, midnight, newYear1980].map(uint16),
    ...[crc32(content), packed.length, content.length].map(uint32),
    ...[path.length, 0].map(uint16),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
