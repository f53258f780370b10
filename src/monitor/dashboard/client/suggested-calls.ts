/** A call of the host that would fill a panel, for a monitor with this operation. */
export type SuggestedCall = (operation: string) => string;

/** Every call that the page suggests. Each can be made as it stands; a test makes them. */
export const SUGGESTED_CALLS: Readonly<
  Record<'alert' | 'attachCache' | 'attachProcessor' | 'profile' | 'record' | 'stage' | 'time', SuggestedCall>
> = {
  alert: (operation) => `monitor.alert({ metric: ${quoted(operation)}, when: { above: '3s' } })`,
  attachCache: () => 'monitor.attach({ cache })',
  attachProcessor: () => 'monitor.attach({ processor })',
  profile: () => "await monitor.profile('10s')",
  record: () => "monitor.recordMetric('tokens', 412)",
  stage: () => "timer.stage('model')",
  time: (operation) => `await monitor.time(${quoted(operation)}, () => answer(question))`,
};

/** A text as a program holds it. */
function quoted(text: string): string {
  return /^[\w .:/-]*$/.test(text) ? `'${text}'` : JSON.stringify(text);
}
