import { build } from '../../infra/process/build.mjs';

export async function setup(): Promise<void> {
  await build();
}
