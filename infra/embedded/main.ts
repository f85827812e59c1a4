import { runProcess } from '../process/run-process.js';
import { readStackConfig } from './config.js';
import { startEmbeddedStack } from './stack.js';

runProcess('stack', readStackConfig, async (config, logger) => {
  const stack = await startEmbeddedStack({ ...config, logger });
  return { url: stack.url, stop: () => stack.close() };
});
