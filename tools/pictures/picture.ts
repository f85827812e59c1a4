import type { Scene } from './scene.js';

/** One picture, or a few of the same thing. They are taken one after the other, of the same scene. */
export interface Picture {
  readonly name: string;
  /** Writes into `folder`. @returns the names of the files */
  readonly take: (scene: Scene, folder: string) => Promise<readonly string[]>;
}
