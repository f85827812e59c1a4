/** `npm run cloudformation`: writes the template and the policy anew from infra/resources/resources.json. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../process/project-root.js';
import { files, FOLDER } from './files.js';

for (const [name, text] of Object.entries(files())) {
  writeFileSync(join(projectRoot, FOLDER, name), text);
  console.log(`${FOLDER}/${name}`);
}
