/** What the process used when it was last looked at. Shares are 0 to 1. */
export interface ResourceReading {
  readonly at: number;
  /** The larger of heap by heap limit, and of resident memory and the container's working set by memory limit. */
  readonly memoryShare: number;
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
  readonly rssBytes: number;
  /** What all of the control group uses whose limit counts, without inactive pages of files. Absent where none sets the limit. */
  readonly workingSetBytes?: number;
  readonly externalBytes: number;
  readonly limitBytes: number;
  readonly limitSource: 'option' | 'cgroup-v2' | 'cgroup-v1' | 'constrained' | 'total';
  /** The larger of process CPU by the cores it may use and event-loop utilisation, since the sample before. */
  readonly cpuShare: number;
  readonly processCpuShare: number;
  readonly eventLoopShare: number;
  readonly cores: number;
  readonly coresSource: 'cgroup-v2' | 'cgroup-v1' | 'machine';
  readonly level: 'normal' | 'elevated' | 'high' | 'critical';
}
