/**
 * A frozen process cannot notice that its supervisor is gone, and would stay for ever. A guard does it in its place: it
 * waits for the end of a pipe that only the supervisor holds, then lets the frozen group run, which ends of itself.
 */
import { spawn } from 'node:child_process';

const WAIT_THEN_THAW = 'read -r _; kill -s CONT -- "-$1" 2>/dev/null';

/** Returns the way to end the guard without a word. */
export function guardFrozenGroup(leader: number): () => void {
  const guard = spawn('/bin/sh', ['-c', WAIT_THEN_THAW, 'thaw-guard', String(leader)], {
    detached: true, // it outlives what ends the supervisor's group
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined); // without a shell nobody watches; the supervisor's own stop still thaws
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => guard.kill('SIGKILL');
}
