import { holdStreams } from './hold-streams.ts';

// The others are in acceptance-at-length.test.ts.
holdStreams((definition) => definition.default === true);
