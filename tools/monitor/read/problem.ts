/** Why a read failed, in words for a person. */
import { messageOf } from '../../../contracts/text.js';

export const NOTHING_THERE = 'the stack holds no tables and queues of ours yet';

const REFUSED = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|other side closed/i;
const MISSING = /ResourceNotFound|QueueDoesNotExist|NonExistentQueue|non-existent|no queue /i;
const SILENT = /timeout|timed out|aborted/i;

export function describeProblem(error: unknown): string {
  const said = `${causeName(error)} ${messageOf(error)}`;
  if (MISSING.test(said)) return NOTHING_THERE;
  if (SILENT.test(said)) return 'stack unreachable: it does not answer';
  if (REFUSED.test(said)) return 'stack unreachable: nobody listens';
  return messageOf(error);
}

function causeName(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${cause.name} ${cause.message}` : '';
}
