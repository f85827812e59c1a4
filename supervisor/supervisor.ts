/** Starts a set of children, each when what it needs is ready, keeps them running, and stops them stage by stage. */
import type { ChildSpec } from './child-spec.js';
import { SupervisedChild, type ChildExit } from './supervised-child.js';

export interface SupervisorListener {
  onLine(name: string, line: string): void;
  onExit(name: string, exit: ChildExit): void;
}

export interface ChildView {
  readonly name: string;
  readonly label: string;
  readonly url: string;
  readonly pid: number | undefined;
}

export interface Supervisor {
  /** Resolves when every child was ready once. @throws ChildStartError where one cannot start. */
  start(): Promise<void>;
  /** Resolves when no child is left. */
  stop(): Promise<void>;
  /** Ends every child at once, in no order. */
  killAll(): void;
  /** Those that were ready at least once. */
  children(): readonly ChildView[];
  /** All, to be controlled one by one. */
  readonly supervised: readonly SupervisedChild[];
}

/** A child that cannot start; the message is for the person who started all this. */
export class ChildStartError extends Error {
  override readonly name = 'ChildStartError';
}

export function createSupervisor(specs: readonly ChildSpec[], listener: SupervisorListener): Supervisor {
  const urls = new Map<string, string>();
  const firstStart = createFirstStart();
  let isStopping = false;
  const children = specs.map(
    (spec) =>
      new SupervisedChild(spec, urls, {
        onReady: ({ spec: { name }, url = '' }) => {
          urls.set(name, url);
          if (urls.size === specs.length) firstStart.succeed();
          startThoseThatCan();
        },
        onGivenUp: ({ spec: { name } }, reason) =>
          firstStart.fail(new ChildStartError(`${name} cannot start: ${reason}`)),
        onExit: (child, exit) => listener.onExit(child.spec.name, exit),
        onLine: (child, line) => listener.onLine(child.spec.name, line),
      }),
  );

  function startThoseThatCan(): void {
    if (isStopping) return;
    const waiting = children.filter(({ url }) => url === undefined);
    waiting
      .filter(({ spec }) => spec.startsAfter.every((name) => urls.has(name)))
      .forEach((child) => child.start());
  }

  async function stop(): Promise<void> {
    isStopping = true;
    const stages = [...new Set(specs.map(({ stopStage }) => stopStage))].sort((a, b) => a - b);
    for (const stage of stages) {
      await Promise.all(children.filter(({ spec }) => spec.stopStage === stage).map((child) => child.stop()));
    }
  }

  return {
    start: () => {
      startThoseThatCan();
      return firstStart.promise;
    },
    stop,
    supervised: children,
    killAll: () => children.forEach((child) => child.kill()),
    children: () =>
      children.flatMap(({ spec: { name, label }, url, pid }) =>
        url === undefined ? [] : [{ name, label, url, pid }],
      ),
  };
}

function createFirstStart() {
  let succeed = (): void => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  promise.catch(() => undefined); // whoever calls start() hears of it; a stop may come first
  return { promise, succeed, fail };
}
