import { expect, it, onTestFinished, vi } from 'vitest';

const homedir = vi.hoisted(() => vi.fn<() => string>());
vi.mock('node:os', () => ({ homedir }));
const { ensureHomeFolder } = await import('../../infra/process/home-folder.js');

it('a process whose user nobody knows gets a home folder that does not exist; any other keeps its own', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HOME', undefined);
  homedir.mockReturnValue('/home/somebody');
  ensureHomeFolder();
  expect(process.env['HOME']).toBeUndefined();
  homedir.mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  ensureHomeFolder();
  expect(process.env['HOME']).toBe('/nonexistent');
});
