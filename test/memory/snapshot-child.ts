import { systemClock } from '../../src/core/clock.js';
import { systemMemoryReader } from '../../src/memory/memory-reader.js';
import { takeSnapshot } from '../../src/memory/snapshot.js';

class PlantedInTheHeap {}
const planted = new PlantedInTheHeap();
const parts = { clock: systemClock(), reader: systemMemoryReader() };
console.log(JSON.stringify(await takeSnapshot({ directory: process.argv[2]! }, parts)));
if (!(planted instanceof PlantedInTheHeap)) process.exitCode = 1;
