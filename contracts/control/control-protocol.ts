/** The supervisor's control server: how tools stop, pause and restart processes, and the file by which they find it. */
import { z } from 'zod';

/**
 * - `running`: it answers, or is about to for the first time
 * - `restarting`: it ended and comes back by itself
 * - `paused`: frozen with all its connections open, until it is resumed
 * - `stopped`: it stays down until it is started
 */
export const PROCESS_STATES = ['running', 'restarting', 'paused', 'stopped'] as const;
export type ProcessState = (typeof PROCESS_STATES)[number];

/** `kill` is undone by the supervisor itself; `stop` by `start`, `pause` by `resume`. */
export const PROCESS_ACTIONS = ['kill', 'stop', 'start', 'pause', 'resume', 'restart'] as const;
export type ProcessAction = (typeof PROCESS_ACTIONS)[number];

export const processViewSchema = z.object({
  name: z.string(),
  state: z.enum(PROCESS_STATES),
  /** Absent while there is no process. */
  pid: z.int().optional(),
  /** Absent before it was ready for the first time. */
  url: z.string().optional(),
});
export type ProcessView = Readonly<z.infer<typeof processViewSchema>>;

/** The response to `GET /processes`. `POST /processes/NAME/ACTION` (`restart` also with `?empty=true`) returns one view. */
export const processListSchema = z.object({ processes: z.array(processViewSchema) });

export const controlProblemSchema = z.object({ detail: z.string() });

/** The file lies in the data folder while the system runs. Only its owner can read it, because it holds the tokens. */
export const CONTROL_FILE = 'supervisor.json';

export const controlFileSchema = z.object({
  controlUrl: z.string(),
  /** The bearer token of the control server and of the stack's network route. */
  token: z.string(),
  /** The token that coordinator and workers share. */
  workerToken: z.string(),
  coordinatorUrl: z.string(),
  /** Absent where the stack is real AWS. */
  stackUrl: z.string().optional(),
  /** The access key that the embedded stack requires; absent where it accepts any. */
  stackAccessKeyId: z.string().optional(),
  /** The region of queue and tables. Supervisors of earlier versions do not write it. */
  region: z.string().optional(),
  workers: z.array(z.object({ id: z.string(), url: z.string() })),
  /** Settings in force, by name. Supervisors of earlier versions do not write them. */
  settings: z.record(z.string(), z.string()).optional(),
  /** The supervisor's process id. */
  pid: z.int(),
  /** When that process started, as in `ProcessIdentity`. Supervisors of earlier versions do not write it. */
  started: z.string().optional(),
});
export type ControlFile = Readonly<z.infer<typeof controlFileSchema>>;
