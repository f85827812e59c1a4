import { ownNames } from '../process/own-names.js';
import { runProcess } from '../process/run-process.js';
import { readStackConfig } from './config.js';
import { startEmbeddedStack } from './stack.js';

runProcess('stack', readStackConfig, async (config, logger) => {
  const stack = await startEmbeddedStack({ ...config, ownNames, logger });
  if (config.servesAnybody) logger.warn({ host: config.host }, 'stack.open_to_anybody');
  return { url: stack.url, stop: () => stack.close() };
});
