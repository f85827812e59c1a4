/** Whom a verb is meant for: the system on a data folder, or the one in containers. */
import { NothingRunsError, type ChaosSystem, type SystemChoice } from './system.js';

export interface Connectors {
  /** @throws NothingRunsError */
  readonly onFolder: (data: string | undefined) => Promise<ChaosSystem>;
  /** @throws NothingRunsError */
  readonly inContainers: () => Promise<ChaosSystem>;
}

/** Who names a folder means that one; who names nothing means what there is. */
export function connectWith({ onFolder, inContainers }: Connectors) {
  return async ({ data, containers = false }: SystemChoice): Promise<ChaosSystem> => {
    if (containers) return inContainers();
    try {
      return await onFolder(data);
    } catch (error) {
      if (data !== undefined || !(error instanceof NothingRunsError)) throw error;
      return await inContainers().catch((other: unknown) => {
        if (!(other instanceof NothingRunsError)) throw other;
        throw new NothingRunsError(`${error.message}. In containers neither: ${other.message}`);
      });
    }
  };
}
