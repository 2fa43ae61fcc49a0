import fc from 'fast-check';

// A mutant that is killed by chance would come back to life by chance. How small a counterexample is interests nobody here.
fc.configureGlobal({ seed: 1, endOnFailure: true });
