import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../../infra/process/project-root.js';
import { withSettingsTables } from '../../../tools/settings-page/settings-tables.js';

const page = readFileSync(join(projectRoot, 'docs', 'configuration.md'), 'utf8');

it('docs/configuration.md shows the settings table as it is; else run npm run docs:settings', () => {
  expect(withSettingsTables(page)).toBe(page);
});

it('shows defaults, flags, readers, units and bounds', () => {
  expect(page).toContain('| `MAX_BATCH_TASKS` | `--max-batch-tasks` | C | 32 | tasks, 1–256 |');
  expect(page).toContain(
    '| `VISIBILITY_TIMEOUT_SECONDS` | `--visibility-timeout` | S C W | 5 under `npm start` and Compose, else 30 | s, 1–43,200 |',
  );
  expect(page).toContain(
    '| `DISPATCH` | `--dispatch` | C | `least-loaded` | `least-loaded`, `round-robin` |',
  );
});

it('refuses a page that has no place for a section', () => {
  expect(() => withSettingsTables(page.replace('<!-- settings: work -->', ''))).toThrow(
    'the settings of work',
  );
});
