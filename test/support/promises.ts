/** Checks of everything that ever stood in the store. */
import { isOpen } from '../../contracts/batch/batch-state.js';
import type { BatchDocument, TaskState } from '../../contracts/batch/batch.js';

/** Final slots that changed afterwards: there must be none. */
export function changedFinalSlots(versions: readonly BatchDocument[]): string[] {
  const finals = new Map<string, TaskState>();
  return versions.flatMap((batch) =>
    batch.tasks.flatMap((slot, index) => {
      const id = `${batch.id}-${index}`;
      const before = finals.get(id);
      if (!isOpen(slot)) finals.set(id, slot);
      const changed = before !== undefined && JSON.stringify(before) !== JSON.stringify(slot);
      return changed ? [`${id}: ${JSON.stringify(before)} became ${JSON.stringify(slot)}`] : [];
    }),
  );
}

/** Revisions that were given out twice. */
export function repeatedRevisions(versions: readonly BatchDocument[]): string[] {
  const slotsOf = new Map<string, string>();
  return versions.flatMap((batch) => {
    const id = `${batch.id} rev ${batch.rev}`;
    const slots = JSON.stringify(batch.tasks);
    const before = slotsOf.get(id);
    slotsOf.set(id, slots);
    return before !== undefined && before !== slots ? [id] : [];
  });
}
