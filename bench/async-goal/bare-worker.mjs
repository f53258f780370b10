// Started on a thread with its share of the items: posts all results at once.
import { parentPort, workerData } from 'node:worker_threads';
import busyWork from './busy-work.mjs';

parentPort.postMessage(workerData.map(busyWork));
