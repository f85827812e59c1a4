/** Asks a process from within its container: workers publish no port, and on some machines no container can be reached. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { z } from 'zod';
import { messageOf, parseJson } from '../../../contracts/common/text.js';
import { UnansweredError, type HttpAnswer, type Call } from '../system/call.js';

const ASK = ['node', 'dist/infra/process/ask.js'];
const answeredSchema = z.object({ status: z.int(), text: z.string() });

/** @throws UnansweredError where it is down, frozen, or takes too long */
export async function callInContainer(
  docker: Docker,
  containerId: string,
  who: string,
  url: string,
  { method = 'GET', body }: Call,
): Promise<HttpAnswer> {
  const words = [...ASK, method, url, ...(body === undefined ? [] : [JSON.stringify(body)])];
  const { out, problem } = await execInContainer(docker, containerId, words).catch((error: unknown) => ({
    out: '',
    problem: messageOf(error),
  }));
  const answered = answeredSchema.safeParse(parseJson(out));
  if (answered.success) return answered.data;
  throw new UnansweredError(`${who} does not answer: ${problem.trim()}`);
}

/** Returns the output of the program. @throws where no program can be started in there */
export async function execInContainer(
  docker: Docker,
  containerId: string,
  words: readonly string[],
): Promise<{ readonly out: string; readonly problem: string }> {
  const exec = await docker
    .getContainer(containerId)
    .exec({ Cmd: [...words], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const out = new PassThrough();
  const problem = new PassThrough();
  docker.modem.demuxStream(stream, out, problem);
  const end = (): void => [out, problem].forEach((part) => part.end());
  stream.once('end', end).once('close', end);
  const [printed, complained] = await Promise.all([text(out), text(problem)]);
  return { out: printed, problem: complained };
}
