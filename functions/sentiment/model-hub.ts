/** Fetches a model from a hub into a folder of ours, once. */
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { messageOf } from '../../contracts/common/text.js';
import type { HubModel } from './hub-model.js';
import { writeChecksums } from './model-checksums.js';

export interface Hub {
  /** Base address, such as a mirror's. */
  readonly url: string;
  /** For models that are not public. */
  readonly token?: string;
  readonly cacheFolder: string;
}

const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
/** Tells where the files in the folder come from. */
const REVISION_FILE = 'revision.json';
/** The revision that a hub takes where none is named: it moves. */
const LATEST = 'main';
/** A hub that does not begin to answer within this is as good as away. */
const FIRST_BYTE_TIMEOUT_MS = 20_000;

const revisionSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });

/** The folder of the model, one for each revision, downloaded if it is not in the cache. */
export async function fetchModel(model: HubModel, hub: Hub): Promise<string> {
  const folder = join(hub.cacheFolder, ...folderOf(model));
  if (await isComplete(folder)) return folder;
  const revision = model.revision ?? LATEST;
  // All files of one commit, also where somebody pushes meanwhile.
  const commit = await resolveCommit(model.id, revision, hub);
  for (const file of FILES) {
    const path = join(folder, file);
    if (await exists(path)) continue;
    const at = encodeURIComponent(commit ?? revision);
    await download(new URL(`${model.id}/resolve/${at}/${file}`, withSlash(hub.url)), path, hub);
  }
  await writeChecksums(folder, FILES);
  await writeFile(join(folder, REVISION_FILE), `${JSON.stringify({ revision, commit })}\n`);
  return folder;
}

/** Where no revision is named, as before there were any. */
function folderOf({ id, revision }: HubModel): readonly string[] {
  const [owner = '', name = ''] = id.split('/');
  return [owner, revision === undefined ? name : `${name}@${encodeURIComponent(revision)}`];
}

async function isComplete(folder: string): Promise<boolean> {
  const there = await Promise.all(FILES.map((file) => exists(join(folder, file))));
  return there.every(Boolean);
}

/** @returns `undefined` where the hub knows no commits, as a plain mirror of files */
async function resolveCommit(id: string, revision: string, hub: Hub): Promise<string | undefined> {
  const path = `api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const url = new URL(path, withSlash(hub.url));
  const response = await request(url, hub.token).catch((error: unknown) => {
    throw new Error(`${url.href}: ${reasonOf(error)}`, { cause: error });
  });
  if (!response.ok) {
    await response.body?.cancel();
    return undefined;
  }
  const answer: unknown = await response.json().catch(() => undefined);
  return revisionSchema.safeParse(answer).data?.sha;
}

/** Beside its place first, then renamed: several workers may start at once, and one may be killed while it loads. */
async function download(url: URL, path: string, { token }: Hub): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const response = await request(url, token);
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.fromWeb(response.body), createWriteStream(beside));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new Error(`${url.href}: ${reasonOf(error)}`, { cause: error });
  }
}

async function request(url: URL, token: string | undefined): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error('no answer')), FIRST_BYTE_TIMEOUT_MS);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    return await fetch(url, { headers, signal: giveUp.signal });
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
