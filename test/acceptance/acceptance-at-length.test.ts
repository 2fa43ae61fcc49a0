import { holdStreams } from './hold-streams.ts';

// Those that are on by default are in acceptance.test.ts.
holdStreams((definition) => definition.default !== true);
