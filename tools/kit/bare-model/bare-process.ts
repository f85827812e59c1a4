/** The asking end of one bare-model process: the function without its system. It answers one question at a time. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../../infra/process/project-root.js';
import { bareReplySchema, type BareReply, type BareReplyOf, type BareRequest } from './messages.js';

export interface BareProcess {
  /** The model that the process loaded. */
  readonly model: string;
  /** To these texts, or without any to all example sentences. */
  answer(texts?: readonly string[]): Promise<BareReplyOf<'answered'>>;
  measure(durationMs: number): Promise<BareReplyOf<'measured'>>;
  stop(): Promise<void>;
}

/** It puts a function and these messages together, which no tool may. */
const PROGRAM = join(projectRoot, 'dist/bench/bare-model-process.js');

/** Resolves when the model is loaded. `options` are the sentiment function's. */
export async function startBareProcess(options: unknown, signal: AbortSignal): Promise<BareProcess> {
  // A process group of its own: Ctrl-C is its parent's to handle. It ends by itself when the parent is gone.
  const child = fork(PROGRAM, { detached: true });
  async function ask<Type extends BareReply['type']>(request: BareRequest, type: Type) {
    const reply = nextReply(child, type, signal);
    child.send(request);
    return reply;
  }

  let model: string;
  try {
    ({ model } = await ask({ type: 'load', options }, 'loaded'));
  } catch (error) {
    await kill(child);
    throw error;
  }
  return {
    model,
    answer: (texts) => ask({ type: 'answer', ...(texts && { texts: [...texts] }) }, 'answered'),
    measure: (durationMs) => ask({ type: 'measure', durationMs }, 'measured'),
    stop: () => kill(child),
  };
}

async function nextReply<Type extends BareReply['type']>(
  child: ChildProcess,
  type: Type,
  signal: AbortSignal,
): Promise<BareReplyOf<Type>> {
  const settled = new AbortController();
  const options = { signal: AbortSignal.any([signal, settled.signal]) };
  try {
    const event: readonly unknown[] = await Promise.race([
      once(child, 'message', options),
      once(child, 'exit', options).then(([code]) => {
        throw new Error(`a process of the bare model ended with ${String(code)}`);
      }),
    ]);
    const reply = bareReplySchema.parse(event[0]);
    if (isOfType(reply, type)) return reply;
    throw new Error(
      reply.type === 'failed' ? reply.message : `the bare model said ${reply.type} instead of ${type}`,
    );
  } finally {
    settled.abort();
  }
}

function isOfType<Type extends BareReply['type']>(reply: BareReply, type: Type): reply is BareReplyOf<Type> {
  return reply.type === type;
}

/** It holds nothing that could be lost, and a run of the model would keep it from hearing anything gentler. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
