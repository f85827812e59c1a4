/** Fetches a model from a hub into a folder of ours, once. */
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../contracts/text.js';

export interface Hub {
  /** Base address, such as a mirror's. */
  readonly url: string;
  /** For models that are not public. */
  readonly token?: string;
  readonly cacheFolder: string;
}

const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
/** A hub that does not begin to answer within this is as good as away. */
const FIRST_BYTE_TIMEOUT_MS = 20_000;

/** The folder of the model, downloaded if it is not in the cache. */
export async function fetchModel(id: string, hub: Hub): Promise<string> {
  const folder = join(hub.cacheFolder, ...id.split('/'));
  for (const file of FILES) {
    const path = join(folder, file);
    if (!(await exists(path)))
      await download(new URL(`${id}/resolve/main/${file}`, withSlash(hub.url)), path, hub);
  }
  return folder;
}

/** Beside its place first, then renamed: several workers may start at once, and one may be killed while it loads. */
async function download(url: URL, path: string, { token }: Hub): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const body = await openDownload(url, token);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(body, createWriteStream(beside));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new Error(`${url.href}: ${reasonOf(error)}`, { cause: error });
  }
}

async function openDownload(url: URL, token: string | undefined): Promise<Readable> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error('no answer')), FIRST_BYTE_TIMEOUT_MS);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(url, { headers, signal: giveUp.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    return Readable.fromWeb(response.body);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` says only "fetch failed" and hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error ? cause : error);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
