/** Messages of a check to the runner of `npm run test:stack`, beside passed and failed. */
import { inject, it, type TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Says how the product does without something that AWS does. A check that has this never fails a stack. */
    instead?: string;
    /** The observation, for the reader. */
    note?: string;
  }
}

export function note({ task }: TestContext, seen: string): void {
  task.meta.note = seen;
}

export interface Difference {
  /** How the product copes where the stack does otherwise. */
  readonly instead: string;
  /** Whether the embedded stack does as AWS does: `npm test` holds it to this, either way. */
  readonly embedded: 'as AWS' | 'otherwise';
}

/** Something that AWS does and some stacks do not, worked around in the product. */
export function asAws(
  name: string,
  { instead, embedded }: Difference,
  check: (context: TestContext) => Promise<void>,
): void {
  const isOwnEmbedded = inject('stack') === undefined;
  const run = isOwnEmbedded && embedded === 'otherwise' ? it.fails : it;
  run(name, async (context) => {
    context.task.meta.instead = instead;
    await check(context);
  });
}
