import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

const schema = z.object({
  checkpointsTable: z.string(),
  recordsTable: z.string(),
  /** Of the change log; absent where there is none, or an older version filled the folder. */
  changesBucket: z.string().exactOptional(),
  /** Whole names, in the order of the stack. */
  streams: z.array(z.string()),
  /** Rows of a real vendor may be in it; absent where an older version filled it, which did not say. */
  hasRealRows: z.boolean().optional(),
});

/** What `pagekeeper` has to know of the stack that filled a data folder, without reading its template again. */
export type Description = z.infer<typeof schema>;

const fileName = 'local.json';

/** Whether rows of a real vendor may be in the folder. One of which that cannot be told counts as one that has them. */
export async function mayHoldRealRows(dataDir: string): Promise<boolean> {
  try {
    const description = await readDescription(dataDir);
    return description !== null && description.hasRealRows !== false;
  } catch {
    return true;
  }
}

export async function writeDescription(dataDir: string, description: Description): Promise<void> {
  // Renamed into its place, so that whoever reads it meanwhile finds one whole version or the other.
  const file = join(dataDir, fileName);
  await writeFile(`${file}.new`, `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @returns null if nothing has been run there yet. */
export async function readDescription(dataDir: string): Promise<Description | null> {
  let text: string;
  try {
    text = await readFile(join(dataDir, fileName), 'utf8');
  } catch {
    return null;
  }
  return schema.parse(JSON.parse(text));
}
