import { liveSeeds } from './live-seeds.ts';

liveSeeds(1501, 500);
