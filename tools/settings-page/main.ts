/** `npm run docs:settings`: writes the tables of docs/configuration.md anew from the settings table. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../infra/process/project-root.js';
import { withSettingsTables } from './settings-tables.js';

const path = join(projectRoot, 'docs', 'configuration.md');
writeFileSync(path, withSettingsTables(readFileSync(path, 'utf8')));
