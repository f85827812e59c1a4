/** A second copy on a data folder that one runs on, refused at once and with the way to have two. */
import { readControlFile } from './control-file.js';
import { claimDataFolder, DataFolderError, findSupervisorOf } from './data-folder.js';

/** @throws DataFolderError */
export async function rejectSecondCopy(folder: string): Promise<void> {
  const pid = await findSupervisorOf(folder);
  if (pid === undefined) return;
  const noted = await readControlFile(folder);
  const where = noted?.pid === pid ? `at ${noted.coordinatorUrl}` : 'and is just starting';
  throw new DataFolderError(
    `Boomerang already runs on ${folder}: process ${pid}, ${where}.\n` +
      'A second copy needs a folder and ports of its own:\n' +
      '  npm start -- --port 8081 --stack-port 4567 --function-port-base 9101 --data ./second',
  );
}

/** Lets one of two copies that start at once pass. @throws DataFolderError */
export async function claimOrReject(folder: string): Promise<void> {
  if (await claimDataFolder(folder)) return;
  await rejectSecondCopy(folder);
  throw new DataFolderError(`${folder} was just given back by another copy: start once more`);
}
