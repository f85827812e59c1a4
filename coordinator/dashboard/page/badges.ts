/** Shape, color and word of each state, the same everywhere on the page. */
import type { DeliveryOutcome } from '../../../contracts/batch/batch.js';
import type { DeliveryCause } from '../../../contracts/batch/delivery-cause.js';
import type { TaskStatus } from '../../../contracts/batch/task-status.js';
import { h } from './dom.js';
import { icon, type Shape } from './icons.js';
import type { Color } from './theme.js';
import type { WorkerDisplayState } from './worker-display-state.js';

export interface BadgeStyle {
  readonly shape: Shape;
  readonly tone: Color;
  readonly word: string;
}

export const WORKER_BADGES: Readonly<Record<WorkerDisplayState, BadgeStyle>> = {
  up: { shape: 'disc', tone: 'green', word: 'up' },
  suspect: { shape: 'triangle', tone: 'orange', word: 'suspect' },
  unresponsive: { shape: 'triangle', tone: 'orange', word: 'not answering' },
  ejected: { shape: 'triangle', tone: 'purple', word: 'ejected' },
  trial: { shape: 'half', tone: 'purple', word: 'on trial' },
  draining: { shape: 'half', tone: 'sky', word: 'draining' },
  down: { shape: 'cross', tone: 'red', word: 'down' },
};

export const STATUS_BADGES: Readonly<Record<TaskStatus, BadgeStyle>> = {
  queued: { shape: 'ring', tone: 'muted', word: 'queued' },
  running: { shape: 'half', tone: 'blue', word: 'running' },
  succeeded: { shape: 'check', tone: 'green', word: 'succeeded' },
  failed: { shape: 'cross', tone: 'red', word: 'failed' },
  expired: { shape: 'clock', tone: 'orange', word: 'expired' },
  cancelled: { shape: 'dash', tone: 'muted', word: 'cancelled' },
};

export const OUTCOME_BADGES: Readonly<Record<DeliveryOutcome | 'running', BadgeStyle>> = {
  running: { shape: 'half', tone: 'blue', word: 'running' },
  succeeded: { shape: 'check', tone: 'green', word: 'succeeded' },
  failed: { shape: 'cross', tone: 'red', word: 'failed' },
  lost: { shape: 'diamond', tone: 'purple', word: 'lost' },
  released: { shape: 'return', tone: 'orange', word: 'released' },
  late: { shape: 'clock', tone: 'sky', word: 'late' },
};

export const CAUSE_WORDS: Readonly<Record<DeliveryCause, string>> = {
  first: 'first',
  visibility_timeout: 'visibility timeout',
  backoff: 'back-off',
  resent: 'sent again',
  redriven: 'redriven',
};

export function badge({ shape, tone, word }: BadgeStyle, more = ''): HTMLSpanElement {
  return h('span', { class: 'badge' }, icon(shape, tone), h('span', { class: 'word' }, `${word}${more}`));
}
