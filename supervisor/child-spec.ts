import type { Environment } from '../contracts/settings/settings.js';

/** One process that the supervisor keeps running. */
export interface ChildSpec {
  readonly name: string;
  /** Path of the JavaScript to run. */
  readonly script: string;
  /** Shows in `ps` and lets `pkill -f` find this child, whatever its process id is after a restart. */
  readonly label: string;
  /** Names of the children that must be ready before this one starts. */
  readonly startsAfter: readonly string[];
  /** Stage 0 stops first; a stage stops when the one before it has. */
  readonly stopStage: number;
  /** Then it is killed. */
  readonly stopDeadlineMs: number;
  /** Deletes what it keeps; absent where it keeps nothing. Called while it does not run. */
  readonly emptyData?: () => Promise<void>;
  /** Its whole environment. `urls` holds what is ready by name, itself included when it is started again. */
  environment(urls: ReadonlyMap<string, string>): Environment;
}
