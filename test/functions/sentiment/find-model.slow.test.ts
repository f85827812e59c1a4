import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledModelFolder } from '../../../functions/sentiment/bundled-model.js';
import { findModel } from '../../../functions/sentiment/find-model.js';
import type { Hub } from '../../../functions/sentiment/model-hub.js';
import sentiment from '../../../functions/sentiment/function.js';

const ID = 'someone/small-model';
let cacheFolder: string;
let server: Server;
let requests: { readonly url: string | undefined; readonly authorization: string | undefined }[];
let hub: Hub;
/** The commit that the hub names for any revision. */
let commit: string | undefined;
let revisions: Set<string>;

/** A hub that has one model: the bundled one under another name. */
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'models-'));
  requests = [];
  commit = undefined;
  revisions = new Set();
  server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    const url = request.url ?? '';
    if (commit !== undefined && url.startsWith(`/api/models/${ID}/revision/`))
      return void response.end(JSON.stringify({ sha: commit }));
    const [, revision = '', file] = new RegExp(`^/${ID}/resolve/([^/]+)/(.*)$`).exec(url) ?? [];
    if (file === undefined) return void response.writeHead(404).end();
    revisions.add(revision);
    void readFile(join(bundledModelFolder(), file)).then((content) => response.end(content));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  hub = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cacheFolder, token: 'mine' };
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(cacheFolder, { recursive: true });
});

describe('findModel', () => {
  it('takes the bundled model where none is named, and a folder where there is one', async () => {
    expect(await findModel(undefined, hub)).toBe(bundledModelFolder());
    expect(await findModel(bundledModelFolder(), hub)).toBe(bundledModelFolder());
    expect(requests).toEqual([]);
  });

  it('fetches from the hub once', async () => {
    const folder = await findModel(ID, hub);
    expect(folder).toBe(join(cacheFolder, 'someone', 'small-model'));
    const requested = requests.length;
    expect(requests[0]?.authorization).toBe('Bearer mine');
    expect(await findModel(ID, hub)).toBe(folder);
    expect(requests).toHaveLength(requested);
    expect(revisions).toEqual(new Set(['main']));
    expect((await readdir(join(folder, 'onnx'))).sort()).toEqual(['model_quantized.onnx']);
  });

  it('fetches all files of the commit that a revision is at the time, and says which', async () => {
    commit = 'a'.repeat(40);
    const folder = await findModel(`${ID}@v1.0`, hub);
    expect(folder).toBe(join(cacheFolder, 'someone', 'small-model@v1.0'));
    expect(revisions).toEqual(new Set([commit]));
    const noted: unknown = JSON.parse(await readFile(join(folder, 'revision.json'), 'utf8'));
    expect(noted).toEqual({ revision: 'v1.0', commit });
  });

  it('keeps each revision apart, and what an earlier version fetched', async () => {
    const plain = await findModel(ID, hub);
    const pinned = await findModel(`${ID}@${'b'.repeat(40)}`, hub);
    expect(pinned).not.toBe(plain);
    expect(await findModel(`${ID}@refs/pr/1`, hub)).toBe(
      join(cacheFolder, 'someone', 'small-model@refs%2Fpr%2F1'),
    );
    await expect(findModel(`${ID}@../../x`, hub)).rejects.toThrow('there is no folder');
  });

  it('notices what happened to a model since it was fetched', async () => {
    const { url: hubUrl } = hub;
    const folder = await findModel(ID, hub);
    await appendFile(join(folder, 'tokenizer.json'), ' ');
    const loading = sentiment.load({ model: ID, cacheFolder, hubUrl });
    await expect(loading).rejects.toThrow(/tokenizer\.json is damaged: its SHA-256 is .* SHA256SUMS says/);
  });

  it('gives a model that classifies', async () => {
    const { url: hubUrl } = hub;
    const loaded = await sentiment.load({ model: ID, cacheFolder, hubUrl });
    expect(loaded.model).toBe(ID);
    expect((await loaded.run(['I love this'])).outcomes).toMatchObject([
      { status: 'succeeded', label: 'POSITIVE' },
    ]);
  });

  it.each(['someone/else', './no/such/folder', 'no-such-thing'])(
    'says what is wrong with %s, and what to do',
    async (model) => {
      const { url: hubUrl } = hub;
      const loading = sentiment.load({ model, cacheFolder, hubUrl });
      await expect(loading).rejects.toThrow(`MODEL=${model} cannot be used: `);
      await expect(loading).rejects.toThrow(model.startsWith('someone') ? 'HTTP 404' : 'there is no folder');
      await expect(loading).rejects.toThrow('Unset MODEL for the bundled model');
    },
  );

  it('names what a folder lacks', async () => {
    const loading = () => sentiment.load({ model: cacheFolder, cacheFolder });
    await expect(loading()).rejects.toThrow(/no such file.*config\.json/);
    await writeFile(join(cacheFolder, 'config.json'), '{"architectures":["BertModel"],"id2label":{}}');
    await expect(loading()).rejects.toThrow('it is a BertModel, not a …ForSequenceClassification');
    await writeFile(join(cacheFolder, 'config.json'), '{"id2label":{"0":"NO"}}');
    await expect(loading()).rejects.toThrow('it has neither onnx/model_quantized.onnx nor onnx/model.onnx');
  });
});
