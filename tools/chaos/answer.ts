/** What every verb of `npm run chaos` has in common. */
import type { CommandParts, Report } from './commands.js';

export interface CommonFlags {
  readonly data: string | undefined;
  readonly containers: boolean;
  readonly json: boolean;
}

/** Does the work on the system that the flags name, and prints what it reports. */
export type Answer = (flags: CommonFlags, work: (parts: CommandParts) => Promise<Report>) => Promise<void>;
