import { appendFile, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundledModelFolder } from '../../../functions/sentiment/bundled-model.js';
import { isUnpinned } from '../../../functions/sentiment/hub-model.js';
import { verifyModel } from '../../../functions/sentiment/model-checksums.js';
import { tempFolder } from '../../support/temp-folder.js';

async function copyOfSmallFiles(): Promise<string> {
  const folder = await tempFolder();
  await cp(join(bundledModelFolder(), 'config.json'), join(folder, 'config.json'));
  return folder;
}

describe('the checksums of a model', () => {
  it('are those of the bundled one, of every file that is loaded', async () => {
    expect([...(await verifyModel(bundledModelFolder()))].sort()).toEqual([
      'config.json',
      'onnx/model_quantized.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  it('name the file that is damaged, or missing', async () => {
    const folder = await copyOfSmallFiles();
    const checksum = 'a'.repeat(64);
    await writeFile(join(folder, 'SHA256SUMS'), `${checksum}  config.json\n`);
    await appendFile(join(folder, 'config.json'), ' ');
    await expect(verifyModel(folder)).rejects.toThrow('config.json is damaged');
    await rm(join(folder, 'config.json'));
    await expect(verifyModel(folder)).rejects.toThrow(/no such file.*config\.json/);
  });

  it('are not needed in a folder of somebody else’s, but must be some where they are', async () => {
    const folder = await copyOfSmallFiles();
    expect(await verifyModel(folder)).toEqual([]);
    await writeFile(join(folder, 'SHA256SUMS'), `${'a'.repeat(64)}  ../config.json\n`);
    await expect(verifyModel(folder)).rejects.toThrow('a line that is none');
  });
});

describe('a model of a hub', () => {
  it.each([
    ['someone/model', true],
    ['someone/model@main', true],
    ['someone/model@v1.0', true],
    [`someone/model@${'a'.repeat(40)}`, false],
    ['/nowhere/at/all', false],
    [undefined, false],
  ])('%s is somebody else’s to change: %s', (model, unpinned) => {
    expect(isUnpinned(model)).toBe(unpinned);
  });
});
