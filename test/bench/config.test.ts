import { describe, expect, it } from 'vitest';
import { readConfig } from '../../bench/config.js';

describe('the configuration of the bench', () => {
  it('has defaults', () => {
    expect(readConfig([], {})).toEqual({
      rounds: 3,
      durationMs: 5000,
      clients: [16, 64, 256],
      json: false,
      check: true,
      model: { cacheFolder: '.boomerang/models' },
      systemEnvironment: {},
    });
  });

  it('takes flags', () => {
    const flags = ['--rounds', '1', '--seconds', '0.5', '--clients', '8,128,8', '--json', '--no-check'];
    expect(readConfig(flags, {})).toMatchObject({
      rounds: 1,
      durationMs: 500,
      clients: [8, 128],
      json: true,
      check: false,
    });
  });

  it("lets the caller's settings reach the system, except the key that its own clients lack", () => {
    const config = readConfig([], { MODEL: 'some/model', WORKER_SLOTS: '3', API_KEY: 'secret' });
    expect(config.model.model).toBe('some/model');
    expect(config.systemEnvironment).toEqual({ MODEL: 'some/model', WORKER_SLOTS: '3', API_KEY: undefined });
  });
});
