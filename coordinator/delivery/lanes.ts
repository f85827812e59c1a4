/** Works items off in lanes side by side: one that takes long holds up no lane but its own. */
export interface LanePorts<Item, Lane> {
  /** @returns one more lane where there is room for it beside so many */
  readonly open: (lanes: number) => Lane | undefined;
  /** Called once for each lane, the first included. */
  readonly close: (lane: Lane) => void;
  /** @returns whether the item could be worked on; if not, it stays the next */
  readonly work: (item: Item, lane: Lane) => Promise<boolean>;
  /** Calls `look` again and again: room may come while all lanes are busy. @returns what ends that */
  readonly everySoOften: (look: () => void) => () => void;
  /** Asked by the last lane, when its item could not be worked on. @returns whether to go on */
  readonly wait: () => Promise<boolean>;
}

/** Resolves when all is done, or nothing is to be waited for any longer. */
export async function workInLanes<Item, Lane>(
  items: readonly Item[],
  first: Lane,
  ports: LanePorts<Item, Lane>,
): Promise<void> {
  const waiting = [...items];
  const lanes = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let open = 0;

  const run = async (lane: Lane): Promise<void> => {
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        const isDone = await ports.work(item, lane);
        if (!isDone) {
          waiting.unshift(item);
          if (open > 1 || !(await ports.wait())) break;
        }
        widen();
      }
    } finally {
      open -= 1;
      ports.close(lane);
    }
  };
  const start = (lane: Lane): void => {
    open += 1;
    const running = run(lane)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => lanes.delete(running));
    lanes.add(running);
  };
  const widen = (): void => {
    while (waiting.length > 0) {
      const lane = ports.open(open);
      if (lane === undefined) return;
      start(lane);
    }
  };

  start(first);
  widen();
  const stopLooking = ports.everySoOften(widen);
  while (lanes.size > 0) await Promise.all(lanes);
  stopLooking();
  if (failures.length > 0) throw failures[0];
}
