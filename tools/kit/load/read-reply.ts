/** What an answer of the coordinator says of the tasks that were asked for. */
import { z } from 'zod';
import { TASK_STATUSES } from '../../../contracts/http/task-status.js';
import { parseJson } from '../../../contracts/common/text.js';
import type { HttpReply } from '../../../client/http.js';

export type SeenTask = Readonly<z.infer<typeof seenTaskSchema>>;

export const seenTaskSchema = z.object({
  taskId: z.string(),
  status: z.enum(TASK_STATUSES),
  label: z.string().optional(),
  score: z.number().optional(),
  deliveries: z.int().min(0).optional(),
  workerId: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
const manySchema = z.object({ tasks: z.array(seenTaskSchema) });
export const problemSchema = z.object({
  code: z.string(),
  detail: z.string().optional(),
  taskId: z.string().optional(),
});

/** Problems of one text that tell its task's final state. */
const FINAL_STATES: Readonly<Record<string, SeenTask['status']>> = {
  task_failed: 'failed',
  deadline_exceeded: 'expired',
  task_cancelled: 'cancelled',
};

/** Of a request of so many texts: its tasks, one each, or what was wrong. */
export function readReply(
  { status, body }: HttpReply,
  texts: number,
): { readonly tasks: readonly SeenTask[] } | { readonly problem: string } {
  const json = parseJson(body);
  if (status === 200 || status === 202) {
    const one = status === 200 && texts === 1 ? seenTaskSchema.safeParse(json).data : undefined;
    const tasks = one === undefined ? manySchema.safeParse(json).data?.tasks : [one];
    if (tasks?.length === texts) return { tasks };
    return { problem: `${status} with an unexpected body: ${body.slice(0, 80)}` };
  }
  const { code = 'no problem document', taskId, detail } = problemSchema.safeParse(json).data ?? {};
  const final = FINAL_STATES[code];
  if (final !== undefined && taskId !== undefined)
    return { tasks: [{ taskId, status: final, error: { code, message: detail ?? '' } }] };
  return { problem: `${status} ${code}${detail === undefined ? '' : `: ${detail}`}` };
}
