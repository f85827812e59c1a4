/** Works items off in lanes side by side: one that takes long holds up no lane but its own. */
export interface LanePorts<Item> {
  /** @returns whether there is room for one more lane beside so many */
  readonly open: (lanes: number) => boolean;
  readonly close: () => void;
  /** @returns whether the item could be worked on; if not, it stays the next */
  readonly work: (item: Item) => Promise<boolean>;
  /** Calls `look` again and again: room may come while all lanes are busy. @returns what ends that */
  readonly everySoOften: (look: () => void) => () => void;
  /** Asked by the last lane, when its item could not be worked on. @returns whether to go on */
  readonly wait: () => Promise<boolean>;
}

/** Resolves when all is done, or nothing is to be waited for any longer. The first lane is open already, and stays so. */
export async function workInLanes<Item>(items: readonly Item[], ports: LanePorts<Item>): Promise<void> {
  const waiting = [...items];
  const lanes = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let open = 1;

  const run = async (): Promise<void> => {
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        const isDone = await ports.work(item);
        if (!isDone) {
          waiting.unshift(item);
          if (open > 1 || !(await ports.wait())) break;
        }
        widen();
      }
    } finally {
      open -= 1;
      if (open > 0) ports.close();
    }
  };
  const start = (): void => {
    const lane = run()
      .catch((error: unknown) => void failures.push(error))
      .finally(() => lanes.delete(lane));
    lanes.add(lane);
  };
  const widen = (): void => {
    while (waiting.length > 0 && ports.open(open)) {
      open += 1;
      start();
    }
  };

  start();
  widen();
  const stopLooking = ports.everySoOften(widen);
  while (lanes.size > 0) await Promise.all(lanes);
  stopLooking();
  if (failures.length > 0) throw failures[0];
}
