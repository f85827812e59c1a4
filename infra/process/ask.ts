/**
 * `node dist/infra/process/ask.js METHOD URL [BODY]`: asks a process of the same container, for its health check and for
 * faults from outside. Prints `{"status":200,"text":"…"}`; exit 0 if the answer is no error. `/faults` and `/_boomerang/network`
 * want the token that the container has.
 */
import { withSecretFiles } from './secret-files.js';

const WITHIN_MS = 2500;
const [method = 'GET', url = '', body] = process.argv.slice(2);
const { WORKER_TOKEN, CONTROL_TOKEN } = withSecretFiles(process.env);
const token = CONTROL_TOKEN ?? WORKER_TOKEN;

try {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  process.stdout.write(JSON.stringify({ status: answer.status, text: await answer.text() }));
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
