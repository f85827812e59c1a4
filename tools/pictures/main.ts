/** `npm run pictures`: starts a system, breaks it a little, and takes the pictures of the README into docs/pictures/. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../infra/process/project-root.js';
import { stopSignal } from '../../infra/process/stop-requests.js';
import { burstPicture } from './burst.js';
import { readPicturesConfig } from './config.js';
import { dashboardPicture } from './dashboard.js';
import { monitorPicture } from './monitor.js';
import type { Picture } from './picture.js';
import { startScene } from './scene.js';

const config = readPicturesConfig(process.env);
const folder = join(projectRoot, 'docs', 'pictures');

/** Further pictures are added here; names as arguments take only those. */
const pictures: readonly Picture[] = picturesWith(config.chromiumPath);
const wanted = process.argv.slice(2);
const chosen = pictures.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

const stopping = stopSignal();

if (config.chromiumPath === undefined) console.error('no Chromium is installed: CHROMIUM_PATH names one');
if (chosen.length === 0) {
  console.error(`nothing to take: there is ${pictures.map(({ name }) => name).join(', ') || 'no picture'}`);
  process.exit(1);
}
console.log('Starting a system, and breaking it a little: about a minute and a half.');
const scene = await startScene(config.environment, stopping);
try {
  await mkdir(folder, { recursive: true });
  for (const { take } of chosen) {
    for (const file of await take(scene, folder)) console.log(join('docs', 'pictures', file));
  }
} finally {
  await scene.close();
}
process.exit(0);

function picturesWith(chromiumPath: string | undefined): readonly Picture[] {
  if (chromiumPath === undefined) return [];
  return [dashboardPicture(chromiumPath), burstPicture(chromiumPath), monitorPicture(chromiumPath)];
}
