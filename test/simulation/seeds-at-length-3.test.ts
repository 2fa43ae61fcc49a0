import { liveSeeds } from './live-seeds.ts';

liveSeeds(3151, 1250);
