/** The file in which fake children note, one after the other, what they do. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Diary {
  /** For the environment of the children. */
  readonly FAKE_DIARY: string;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'boomerang-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function newDiary(): Diary {
  return { FAKE_DIARY: join(temporaryFolder(), 'diary') };
}

export function readDiary({ FAKE_DIARY }: Diary): readonly string[] {
  try {
    return readFileSync(FAKE_DIARY, 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // nobody has written yet
  }
}
