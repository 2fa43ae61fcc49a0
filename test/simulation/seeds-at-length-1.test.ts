import { liveSeeds } from './live-seeds.ts';

liveSeeds(551, 1300);
