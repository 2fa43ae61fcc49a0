import { buildBundle, bundleEntries } from '../constructs/build-bundle.ts';
import { projectRoot } from '../settings/project.ts';
import { auditReport } from './audit-report.ts';
import { bundledPackages } from './bundled-packages.ts';

/** `npm run audit`: what the lock file brings into the bundles, with licences. Exit status 1 if something is wrong with it. */

const metafiles = bundleEntries.map((entry) => buildBundle(entry).metafile);
const { text, isClean } = auditReport(bundledPackages(metafiles, projectRoot));
console.log(text);
process.exitCode = isClean ? 0 : 1;
