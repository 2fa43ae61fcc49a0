import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

import { synthesizeApp } from './synthesize-app.ts';

/** The app of this project's own cdk.json, with nothing in it that AWS's own advice finds fault with. */
synthesizeApp((app) => {
  // Synthesizing throws on a finding that nobody has acknowledged.
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
});
