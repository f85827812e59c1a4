/** `npm run verify-model`: whether the bundled model, or the folder that is named, is what its SHA256SUMS says. */
import { messageOf } from '../../../contracts/common/text.js';
import { bundledModelFolder } from '../bundled-model.js';
import { verifyModel } from '../model-checksums.js';

const [folder = bundledModelFolder()] = process.argv.slice(2);

try {
  const files = await verifyModel(folder);
  if (files.length === 0) throw new Error('it has no SHA256SUMS');
  console.log(files.map((file) => `${file}: as it should be`).join('\n'));
} catch (error) {
  console.error(`${folder}: ${messageOf(error)}`);
  process.exitCode = 1;
}
