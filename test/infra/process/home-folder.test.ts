import { expect, it, onTestFinished, vi } from 'vitest';
import { ensureHomeFolder } from '../../../infra/process/home-folder.js';

it('a process whose user nobody knows gets a home folder that does not exist; any other keeps its own', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HOME', undefined);
  ensureHomeFolder(() => '/home/somebody');
  expect(process.env['HOME']).toBeUndefined();
  ensureHomeFolder(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  expect(process.env['HOME']).toBe('/nonexistent');
});
