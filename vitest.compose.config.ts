import { defineConfig } from 'vitest/config';
import common from './vitest.config.js';

/** The whole system in real containers: only where an engine answers, and minutes long. */
export default defineConfig({
  test: {
    ...common.test,
    include: ['test/compose/**/*.test.ts'],
    exclude: [],
    testTimeout: 300_000,
    hookTimeout: 900_000,
  },
});
