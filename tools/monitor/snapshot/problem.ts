/** Why a read failed, in words for a person. */
import { messageOf } from '../../../contracts/common/text.js';
import { oneLine } from '../../kit/terminal/cells.js';

export const NOTHING_THERE = 'the stack holds no tables and queues of ours yet';

const REFUSED = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|other side closed/i;
const MISSING = /ResourceNotFound|QueueDoesNotExist|NonExistentQueue|non-existent|no queue /i;
const KEY_REFUSED = /access key is not that of this run/;
const SILENT = /timeout|timed out|aborted/i;

export function describeProblem(error: unknown): string {
  const said = `${causeName(error)} ${messageOf(error)}`;
  if (MISSING.test(said)) return NOTHING_THERE;
  if (KEY_REFUSED.test(said)) return 'access key refused: name its --data DIR';
  if (SILENT.test(said)) return 'stack unreachable: it does not answer';
  if (REFUSED.test(said)) return 'stack unreachable: nobody listens';
  return oneLine(messageOf(error)); // in the words of whatever listens there
}

function causeName(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${cause.name} ${cause.message}` : '';
}
