import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../../contracts/errors/errors.js';
import { withSecretFiles } from '../../../infra/process/secret-files.js';
import { temporaryFolder } from '../../support/process/diary.js';

describe('a secret in a file', () => {
  it('is read where it is not set itself', () => {
    const path = join(temporaryFolder(), 'key');
    writeFileSync(path, 'from-the-file\n');
    expect(withSecretFiles({ API_KEY_FILE: path, PORT: '1' })).toEqual({
      API_KEY: 'from-the-file',
      PORT: '1',
    });
    expect(withSecretFiles({ API_KEY_FILE: path, API_KEY: '' })['API_KEY']).toBe('from-the-file');
    expect(withSecretFiles({ API_KEY_FILE: path, API_KEY: 'set' })['API_KEY']).toBe('set');
    expect(withSecretFiles({ API_KEY_FILE: '' })['API_KEY']).toBeUndefined();
  });

  it('that is missing or empty stops the start, naming the file', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'empty'), '\n');
    for (const name of ['empty', 'missing', '.']) {
      const API_KEY_FILE = join(folder, name);
      expect(() => withSecretFiles({ API_KEY_FILE })).toThrow(SettingsError);
      expect(() => withSecretFiles({ API_KEY_FILE })).toThrow(`API_KEY_FILE=${API_KEY_FILE} cannot be used`);
    }
  });

  it('that only our own processes share is made by the first of them, for its owner alone', () => {
    const folder = join(temporaryFolder(), 'new');
    const WORKER_TOKEN_FILE = join(folder, 'worker-token');
    const { WORKER_TOKEN: token } = withSecretFiles({ WORKER_TOKEN_FILE });
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(withSecretFiles({ WORKER_TOKEN_FILE })['WORKER_TOKEN']).toBe(token);
    expect(statSync(WORKER_TOKEN_FILE).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['worker-token']);
    mkdirSync(join(folder, 'other'));
    expect(
      withSecretFiles({ WORKER_TOKEN_FILE: join(folder, 'other', 'worker-token') })['WORKER_TOKEN'],
    ).not.toBe(token);
  });
});
