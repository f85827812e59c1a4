/** The monitor, seconds after a worker was killed. */
import { join } from 'node:path';
import type { Picture } from './picture.js';
import { Terminal } from './terminal.js';

const FILE = 'monitor.png';

export function monitorPicture(chromiumPath: string): Picture {
  return {
    name: 'monitor',
    take: async (scene, folder) => {
      const shot = {
        program: 'tools/monitor/main.js',
        words: ['--endpoint', scene.stackUrl, '--data', scene.dataFolder],
        columns: 120,
        rows: 40,
        until: /worker-3/,
        then: () => scene.kill('worker-1'),
        andUntil: /worker-1(: up →| . (suspect|down)|: re?started|: came back)/,
      };
      await new Terminal(chromiumPath).take(shot, join(folder, FILE));
      return [FILE];
    },
  };
}
