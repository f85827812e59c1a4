/** `owner/name` of a hub, or `owner/name@revision`: a commit, a tag or a branch. Only a commit is always the same. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export interface HubModel {
  readonly id: string;
  readonly revision: string | undefined;
}

const HUB_MODEL = /^([\w-][\w.-]*\/[\w-][\w.-]*?)(?:@([\w][\w./-]*))?$/;
const COMMIT = /^[0-9a-f]{40}$/;

export function parseHubModel(model: string): HubModel | undefined {
  const match = HUB_MODEL.exec(model);
  const [, id, revision] = match ?? [];
  if (id === undefined || revision?.split('/').includes('..') === true) return undefined;
  return { id, revision };
}

/** Whether somebody else decides what runs here tomorrow: a folder that exists is nobody else's. */
export function isUnpinned(model: string | undefined): boolean {
  if (model === undefined || existsSync(resolve(model))) return false;
  const hubModel = parseHubModel(model);
  return hubModel !== undefined && !COMMIT.test(hubModel.revision ?? '');
}
