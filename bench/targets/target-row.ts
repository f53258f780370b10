/** One success metric of the ADR. */
export interface TargetRow {
  readonly name: string;
  readonly target: string;
  /** @throws when the measurement itself fails; a target that is missed is no failure of it */
  measure(): Promise<Measured | NotMeasured>;
}

export interface Measured {
  readonly actual: string;
  readonly met: boolean;
  /** How it was measured, in a line. */
  readonly how: string;
}

/** There is nothing to measure yet. No figure stands in its place. */
export interface NotMeasured {
  readonly notMeasured: string;
}

/** A row whose module is not part of the package yet. */
export function waitingFor(name: string, target: string, moduleName: string): TargetRow {
  return { name, target, measure: async () => ({ notMeasured: `${moduleName} is not built yet` }) };
}
