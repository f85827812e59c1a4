/** When all children are ready: waits until the coordinator takes tasks, then tells people and programs. */
import type { Logger } from '../contracts/system/logger.js';
import { sendToSupervisor } from '../infra/process/process-messages.js';
import { askSample, waitUntilReady } from './ask-coordinator.js';
import { printBanner } from './banner.js';
import type { SupervisorConfig } from './config.js';
import { COORDINATOR, STACK } from './plan-children.js';
import type { Supervisor } from './supervisor.js';
import { describeRun, SAMPLE_TEXT } from './describe-run.js';

export interface SystemAddresses {
  readonly coordinatorUrl: string;
  /** Absent where the stack is somebody else's. */
  readonly stackUrl: string | undefined;
  readonly workers: readonly {
    readonly id: string;
    readonly url: string;
    readonly pid: number | undefined;
  }[];
}

export interface Announcement {
  readonly config: SupervisorConfig;
  readonly supervisor: Supervisor;
  readonly logger: Logger;
  readonly startedAtMs: number;
  readonly currentFolder: string;
  readonly projectRoot: string;
  readonly colours: boolean;
  readonly print: (text: string) => void;
  /** Called before anybody is told, with the addresses. */
  readonly onReady: (addresses: SystemAddresses) => Promise<void>;
}

export async function announce(announcement: Announcement, stopRequested: AbortSignal): Promise<void> {
  const { config, supervisor, logger, startedAtMs, print } = announcement;
  const coordinatorUrl = urlOf(supervisor, COORDINATOR) ?? '';
  const onStillWaiting = (reason: string) => logger.warn({ reason }, 'up.waiting');
  await waitUntilReady(coordinatorUrl, stopRequested, onStillWaiting, config.apiKey);
  stopRequested.throwIfAborted();
  const readyAfterMs = performance.now() - startedAtMs;
  logger.info({ url: coordinatorUrl, readyAfterMs: Math.round(readyAfterMs) }, 'up.ready');
  const addresses = addressesOf(supervisor, coordinatorUrl);
  await announcement.onReady(addresses);
  await notifyParent(addresses);
  const answer = await askSample(coordinatorUrl, SAMPLE_TEXT, config.apiKey);
  stopRequested.throwIfAborted();
  const children = supervisor.children();
  print(printBanner(describeRun({ ...announcement, children, coordinatorUrl, readyAfterMs, answer })));
}

function addressesOf(supervisor: Supervisor, coordinatorUrl: string): SystemAddresses {
  const workers = supervisor.children().filter(({ name }) => name !== STACK && name !== COORDINATOR);
  return {
    coordinatorUrl,
    stackUrl: urlOf(supervisor, STACK),
    workers: workers.map(({ name, url, pid }) => ({ id: name, url, pid })),
  };
}

/** Tests and scripts that fork the supervisor learn the addresses like this. */
async function notifyParent({ coordinatorUrl, ...others }: SystemAddresses): Promise<void> {
  await sendToSupervisor({ type: 'ready', url: coordinatorUrl, ...others });
}

function urlOf(supervisor: Supervisor, name: string): string | undefined {
  return supervisor.children().find((child) => child.name === name)?.url;
}
