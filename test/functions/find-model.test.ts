import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledModelFolder } from '../../functions/sentiment/bundled-model.js';
import { findModel } from '../../functions/sentiment/find-model.js';
import type { Hub } from '../../functions/sentiment/model-hub.js';
import sentiment from '../../functions/sentiment/function.js';

const ID = 'someone/small-model';
let cacheFolder: string;
let server: Server;
let requests: { readonly url: string | undefined; readonly authorization: string | undefined }[];
let hub: Hub;

/** A hub that has one model: the bundled one under another name. */
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'models-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    const [, file] = new RegExp(`^/${ID}/resolve/main/(.*)$`).exec(request.url ?? '') ?? [];
    if (file === undefined) return void response.writeHead(404).end();
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
    expect(requests).toHaveLength(4);
    expect(requests[0]?.authorization).toBe('Bearer mine');
    expect(await findModel(ID, hub)).toBe(folder);
    expect(requests).toHaveLength(4);
    expect((await readdir(join(folder, 'onnx'))).sort()).toEqual(['model_quantized.onnx']);
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
