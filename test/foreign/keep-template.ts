import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { projectRoot } from '../../infra/settings/project.ts';

/**
 * `node test/foreign/keep-template.ts COMMIT`: keeps the template that the default settings had at a commit or tag, as a version
 * from which `npm run test:foreign` upgrades. It is synthesized with the packages of today, and its code is not kept.
 */

const [commit] = process.argv.slice(2);
if (commit === undefined) throw new Error('Which commit or tag?');

const folder = mkdtempSync(path.join(tmpdir(), 'pagekeeper-former-'));
try {
  const archive = path.join(folder, 'archive.tar');
  execFileSync('git', ['archive', '--output', archive, commit], { cwd: projectRoot });
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  symlinkSync(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
  const { context } = JSON.parse(readFileSync(path.join(folder, 'cdk.json'), 'utf8')) as { context: object };
  execFileSync(process.execPath, ['infra/app.ts'], {
    cwd: folder,
    stdio: 'inherit',
    env: {
      ...process.env,
      CDK_OUTDIR: path.join(folder, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_VALIDATION: 'false',
    },
  });
  const template = readFileSync(path.join(folder, 'cdk.out', 'Pagekeeper.template.json'), 'utf8');
  const kept = path.join(import.meta.dirname, 'fixtures', commit);
  mkdirSync(kept, { recursive: true });
  const compact = JSON.stringify(JSON.parse(template));
  writeFileSync(path.join(kept, 'Pagekeeper.template.json.gz'), gzipSync(compact, { level: 9 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
