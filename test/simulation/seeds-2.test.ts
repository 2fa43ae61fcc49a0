import { liveSeeds } from './live-seeds.ts';

liveSeeds(501, 500);
