/** Shows whether the page is up to date: one word at the top, and a banner if it is not. */
import { setText, requireElement } from './dom.js';
import type { StreamState } from './stream-follower.js';

const PART_NAMES: Readonly<Record<string, string>> = {
  stats: 'figures',
  queue: 'the queue',
  workers: 'workers',
  tasks: 'tasks',
};

const STATE_LABELS = {
  connecting: 'Connecting',
  locked: 'Waiting for the key',
  live: 'Live',
  paused: 'Paused',
  stale: 'Stale',
  broken: 'Disconnected',
  resting: 'Resting',
  over: 'Ended',
} as const;

export interface Connection {
  readonly state: (state: StreamState) => void;
  readonly trouble: (unread: readonly string[]) => void;
  readonly paused: (isPaused: boolean) => void;
  /** The coordinator requires its API key. */
  readonly locked: (isLocked: boolean) => void;
}

export function showConnection(): Connection {
  const pill = requireElement('connection', HTMLElement);
  const banner = requireElement('banner', HTMLElement);
  let state: StreamState = { kind: 'connecting' };
  let unread: readonly string[] = [];
  let isPaused = false;
  let isLocked = false;
  let brokenSinceMs: number | undefined;
  let ticking: ReturnType<typeof setInterval> | undefined;

  const draw = () => {
    const isBroken = brokenSinceMs !== undefined;
    const kind: keyof typeof STATE_LABELS = isLocked
      ? 'locked'
      : isBroken
        ? 'broken'
        : unread.length > 0
          ? 'stale'
          : isPaused
            ? 'paused'
            : state.kind;
    pill.dataset['kind'] = kind;
    document.body.classList.toggle('stale', isBroken || unread.length > 0);
    setText(pill, STATE_LABELS[kind]);
    const text = isBroken ? brokenText(state, brokenSinceMs ?? 0) : troubleText(unread);
    banner.hidden = text === '';
    setText(banner, text);
  };
  return {
    state: (next) => {
      state = next;
      if (next.kind === 'live') brokenSinceMs = undefined;
      if (next.kind === 'broken') brokenSinceMs ??= performance.now();
      clearInterval(ticking);
      if (brokenSinceMs !== undefined) ticking = setInterval(draw, 1000);
      draw();
    },
    trouble: (parts) => {
      unread = parts;
      draw();
    },
    locked: (next) => {
      isLocked = next;
      draw();
    },
    paused: (next) => {
      isPaused = next;
      draw();
    },
  };
}

function brokenText(state: StreamState, sinceMs: number): string {
  const age = Math.round((performance.now() - sinceMs) / 1000);
  const since = age < 2 ? '' : ` What you see is ${age} s old.`;
  if (state.kind !== 'broken') return `Trying again…${since}`;
  const inSeconds = Math.max(0, Math.ceil((state.againAtMs - performance.now()) / 1000));
  return `The stream was interrupted: ${state.problem}.${since} Trying again in ${inSeconds} s; no events are lost meanwhile.`;
}

function troubleText(unread: readonly string[]): string {
  if (unread.length === 0) return '';
  const what = unread.map((part) => PART_NAMES[part] ?? part).join(', ');
  return `The queue or the database does not answer: ${what} cannot be read at the moment.`;
}
