/**
 * A process without `HOME` whose user the system does not know (`docker run --user 12345`) has no home folder: asked for it,
 * Node throws. The AWS SDK asks before every first call, whether it needs a file there or not.
 */
import { homedir } from 'node:os';

/** As Debian calls the home of those who have none. Files there are files that do not exist. */
const NO_HOME = '/nonexistent';

export function ensureHomeFolder(findHome: () => string = homedir): void {
  try {
    findHome();
  } catch {
    process.env['HOME'] = NO_HOME;
  }
}
