/** The summary of a burst. */
import { join } from 'node:path';
import type { Picture } from './picture.js';
import { Terminal } from './terminal.js';

const FILE = 'burst.png';

export function burstPicture(chromiumPath: string): Picture {
  return {
    name: 'burst',
    take: async ({ coordinatorUrl }, folder) => {
      const load = ['--arrivals', 'bursts', '--rate', '20', '--peak', '150', '--duration', '6s', '--no-each'];
      const shot = {
        program: 'tools/burst/main.js',
        words: ['--url', coordinatorUrl, ...load, '--check', '--fail-if', 'p99<2s,lost=0,wrong=0'],
        columns: 100,
        rows: 52,
        until: /(held|broken) +wrong=0/,
      };
      await new Terminal(chromiumPath).take(shot, join(folder, FILE));
      return [FILE];
    },
  };
}
