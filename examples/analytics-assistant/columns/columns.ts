import type { Steps } from '../assistant/ask.ts';
import { hotpathModules, type SwitchedOn } from './hotpath.ts';
import { usualStack } from './usual-stack.ts';

/** A column of the table: takes the expensive steps and gives them back improved. */
export type Column = (steps: Steps) => Steps;
export type ColumnName = 'plain' | 'usual stack' | 'hotpath' | `hotpath: ${string}`;

export function columnNamed(name: ColumnName): Column {
  if (name === 'plain') return (steps) => steps;
  if (name === 'usual stack') return usualStack;
  // 'hotpath' is every module that is built, 'hotpath: cache' one of them alone.
  const modules = hotpathModules.filter((module) => name === 'hotpath' || name === `hotpath: ${module.name}`);
  if (modules.length === 0) throw new Error(`No column is called '${name}'.`);
  return (steps) => {
    const others: SwitchedOn = {};
    return modules.reduce((wrapped, module) => module.switchOn(wrapped, others), steps);
  };
}
