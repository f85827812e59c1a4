/** A command line is seen by every user of the machine (`ps`), and kept in the shell's history: no secret stands in it. */

/** Known, so that whoever tries it is told what to use instead; not shown. */
export const API_KEY_FLAG = { type: 'string', hidden: true } as const;

/** For yargs' `check`, which wants `true`. @throws Error that does not repeat the secret */
export function rejectSecretFlags(given: Readonly<Record<string, unknown>>): true {
  if (given['api-key'] === undefined) return true;
  throw new Error(
    '--api-key would show the key to every user of this machine: set API_KEY, or name a file that holds it (API_KEY_FILE, or --api-key-file where there is that flag)',
  );
}
