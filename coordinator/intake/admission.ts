/** Outstanding tasks are bounded in number and in bytes; over the bound the answer is no, early and with a time to come back. */

const MAX_RETRY_AFTER_SECONDS = 60;
const RETRY_AFTER_WITHOUT_RATE_SECONDS = 5;

export interface Load {
  readonly tasks: number;
  /** The size of their texts, as messages hold them. */
  readonly bytes: number;
}

/** Why there is no room, in the words of an error: an error itself costs more than all else of a refusal. */
export interface Refusal {
  readonly code: 'overloaded';
  readonly message: string;
  readonly details: { readonly retryAfterSeconds: number };
}

/** @param outstanding accepted tasks that are not final, those on their way in included */
export function refusalOf(
  requested: Load,
  outstanding: Load,
  bound: Load,
  drainPerSecond: number,
): Refusal | undefined {
  const over = (['tasks', 'bytes'] as const).find(
    (unit) => outstanding[unit] + requested[unit] > bound[unit],
  );
  if (over === undefined) return undefined;
  const of = over === 'tasks' ? 'tasks' : 'bytes of texts';
  return {
    code: 'overloaded',
    message: `${outstanding[over]} ${of} are outstanding, of ${bound[over]} at most`,
    details: { retryAfterSeconds: retryAfterSeconds(outstanding.tasks, drainPerSecond) },
  };
}

/** When half of the backlog will have drained: whoever comes back then finds room, and not everybody at once. */
export function retryAfterSeconds(backlog: number, drainPerSecond: number): number {
  if (drainPerSecond <= 0) return RETRY_AFTER_WITHOUT_RATE_SECONDS;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(backlog / 2 / drainPerSecond)));
}
