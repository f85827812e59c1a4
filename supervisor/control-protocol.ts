/** How a supervisor is told to break and mend what it runs, and the note by which it is found. */
import { z } from 'zod';

export const CHILD_STATES = ['running', 'restarting', 'paused', 'stopped'] as const;
export type ChildState = (typeof CHILD_STATES)[number];

/** `kill` is undone by the supervisor itself; `stop` by `start`, `pause` by `resume`. */
export const CHILD_ACTIONS = ['kill', 'stop', 'start', 'pause', 'resume', 'restart'] as const;
export type ChildAction = (typeof CHILD_ACTIONS)[number];

export const processViewSchema = z.object({
  name: z.string(),
  state: z.enum(CHILD_STATES),
  pid: z.int().optional(),
  url: z.string().optional(),
});
export type ProcessView = Readonly<z.infer<typeof processViewSchema>>;

/** `GET /processes`. `POST /processes/NAME/ACTION`, of `restart` also `?empty=true`, answers one of them. */
export const processListSchema = z.object({ processes: z.array(processViewSchema) });

export const controlProblemSchema = z.object({ detail: z.string() });

/** Lies in the data folder while the system runs, readable for its owner alone: it holds the tokens. */
export const CONTROL_FILE = 'supervisor.json';

export const controlFileSchema = z.object({
  controlUrl: z.string(),
  /** What the control server, and the stack's network route, want as a bearer token. */
  token: z.string(),
  /** What coordinator and workers share. */
  workerToken: z.string(),
  coordinatorUrl: z.string(),
  /** Absent where the stack is real AWS. */
  stackUrl: z.string().optional(),
  /** What the embedded stack wants as access key; any does where it is absent. */
  stackAccessKeyId: z.string().optional(),
  /** Where queue and tables are; absent where a supervisor of before wrote this. */
  region: z.string().optional(),
  workers: z.array(z.object({ id: z.string(), url: z.string() })),
  /** How the system works, by the names of the settings; absent where a supervisor of before wrote this. */
  settings: z.record(z.string(), z.string()).optional(),
  /** Of the supervisor. */
  pid: z.int(),
  /** When that process started, as `ProcessIdentity` tells it; absent where a supervisor of before wrote this. */
  started: z.string().optional(),
});
export type ControlFile = Readonly<z.infer<typeof controlFileSchema>>;
