import { describe, expect, it } from 'vitest';
import {
  PROFILE_DEFAULTS,
  type ProfileOnBreach,
  type ProfileOptions,
  resolveProfileOnBreach,
  resolveProfileOptions,
} from '../../src/monitor/profiling/profile-options.js';

const KNOWN = ['responseTimeP95', 'cpuUsage', 'memoryUsage'];

describe('options of profiles', () => {
  it('have a default each', () => {
    expect(resolveProfileOptions()).toEqual({
      directory: undefined,
      maxFiles: PROFILE_DEFAULTS.maxFiles,
      maxBytes: 100 * 2 ** 20,
      cooldownMs: 600_000,
      samplingMicros: 1_000,
      heapSamplingBytes: 32_768,
      maxDurationMs: 60_000,
      redactPaths: false,
    });
  });

  it.each<[ProfileOptions, string]>([
    [{ directory: '' }, 'profiles.directory must be the path of a folder, got ""'],
    [{ maxFiles: 0 }, 'profiles.maxFiles must be an integer >= 1 and <= 1000, got 0'],
    [{ maxBytes: 1.5 }, 'profiles.maxBytes must be an integer >= 1, got 1.5'],
    [{ cooldown: '10 minutes' as never }, 'profiles.cooldown must be a duration'],
    [{ samplingInterval: 1000 }, "profiles.samplingInterval must be from 0.1 to 100 ms ('1ms'), got 1000"],
    [{ samplingInterval: 0.05 }, 'profiles.samplingInterval must be from 0.1'],
    [{ heapSamplingBytes: 1 }, 'profiles.heapSamplingBytes must be an integer >= 1024, got 1'],
    [{ maxDuration: 0 }, 'profiles.maxDuration must be a duration above 0'],
    [{ maxDuration: '1h' }, 'profiles.maxDuration must be at most 1000000 times profiles.samplingInterval (1 ms)'],
    [{ redactPaths: 'yes' as never }, 'profiles.redactPaths must be true or false, got "yes"'],
    [{ maxFile: 3 } as never, 'profiles.maxFile must be absent (options here are directory, maxFiles,'],
    [null as never, 'profiles must be an object, got null'],
  ])('%j are refused by name', (options, message) => {
    expect(() => resolveProfileOptions(options)).toThrow(message);
  });
});

describe('profiles on breach', () => {
  const resolve = (given: ProfileOnBreach, profiles: ProfileOptions = {}) =>
    resolveProfileOnBreach(given, KNOWN, resolveProfileOptions(profiles));

  it('name the targets and the length of the profile', () => {
    const one = resolve({ target: 'cpuUsage' });
    expect([...one.targets]).toEqual(['cpuUsage']);
    expect(one).toMatchObject({ alert: false, durationMs: 10_000 });
    const more = resolve({ target: ['cpuUsage', 'memoryUsage'], alert: true, duration: '5s' });
    expect([...more.targets]).toEqual(['cpuUsage', 'memoryUsage']);
    expect(more).toMatchObject({ alert: true, durationMs: 5_000 });
  });

  it('look at the heap when memory is breached, unless they say what to look at', () => {
    const kinds = (given: ProfileOnBreach) => ['memoryUsage', 'cpuUsage', undefined].map(resolve(given).kindFor);
    expect(kinds({ alert: true })).toEqual(['heap', 'cpu', 'cpu']);
    expect(kinds({ alert: true, kind: 'cpu' })).toEqual(['cpu', 'cpu', 'cpu']);
    expect(kinds({ alert: true, kind: 'heap' })).toEqual(['heap', 'heap', 'heap']);
  });

  it('are no longer than the longest profile: a default is cut, a wish is refused', () => {
    expect(resolve({ alert: true }, { maxDuration: '2s' }).durationMs).toBe(2_000);
    expect(() => resolve({ alert: true, duration: '3s' }, { maxDuration: '2s' })).toThrow(
      'profileOnBreach.duration must be at most profiles.maxDuration (2000 ms), got "3s"',
    );
  });

  it.each<[ProfileOnBreach, string]>([
    [{}, 'profileOnBreach must be an object with a target, or with alert: true'],
    [{ target: 'p95' }, 'profileOnBreach.target must be a target (there are responseTimeP95, cpuUsage, memoryUsage)'],
    [{ alert: 1 as never }, 'profileOnBreach.alert must be true or false, got 1'],
    [{ alert: true, kind: 'wall' as never }, "profileOnBreach.kind must be 'cpu' or 'heap', got \"wall\""],
    [{ alert: true, duration: 0 }, 'profileOnBreach.duration must be a duration above 0'],
    [{ targets: 'cpuUsage' } as never, 'profileOnBreach.targets must be absent'],
    [true as never, 'profileOnBreach must be an object, got true'],
  ])('%j is refused by name', (given, message) => {
    expect(() => resolve(given)).toThrow(message);
  });
});
