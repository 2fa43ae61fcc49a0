import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { connectors } from '../../lib/connectors/registry.ts';
import { streamsPage } from './streams-page.ts';

/** `npm run streams`: every stream of every connector, as Markdown; `--write` puts it into docs/streams.md. */

const page = await streamsPage(Object.values(connectors));

if (process.argv.includes('--write')) {
  const file = path.join(import.meta.dirname, '../../docs/streams.md');
  await writeFile(file, page);
  console.log(`${file} has been written.`);
} else {
  process.stdout.write(page);
}
