/** An experiment on a running system that works otherwise than the experiment was written for: most of its checks could never hold. */
import type { ChaosSystem } from '../../kit/system/system.js';
import type { Experiment } from '../definition/schema.js';
import { CannotRunError } from './steady-state.js';

/** @throws CannotRunError */
export function requireSettings(
  { name, system: { settings } }: Experiment,
  { settings: found }: Pick<ChaosSystem, 'settings'>,
): void {
  if (found === undefined) return;
  const others = Object.entries(settings).filter(([setting, value]) => found[setting] !== value);
  if (others.length === 0) return;
  const differences = others.map(
    ([setting, value]) => `${setting}=${value} (here ${found[setting] ?? 'not told'})`,
  );
  throw new CannotRunError(
    `${name} is written for ${differences.join(', ')}: run it on a system that has these settings, on one of its own with --start, or on this one with --anyway`,
  );
}
