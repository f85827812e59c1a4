/** Describes the effect of an action on a process, which has none where the process was in that state already. */
import type { ProcessAction, ProcessState } from '../../../contracts/control/control-protocol.js';

const DONE = {
  kill: 'killed; comes back by itself',
  stop: 'stopped; stays down until: start',
  start: 'started',
  pause: 'paused; holds its connections until: resume',
  resume: 'resumed',
  restart: 'restarted',
} as const satisfies Record<ProcessAction, string>;

const NOTHING_TO_DO: Readonly<Partial<Record<ProcessAction, Partial<Record<ProcessState, string>>>>> = {
  kill: { restarting: 'was down already; comes back by itself' },
  stop: { stopped: 'was stopped already; stays down until: start' },
  start: { running: 'was running already', restarting: 'was coming back by itself; running' },
  pause: { paused: 'was paused already; holds its connections until: resume' },
  resume: {
    running: 'was not paused: it runs',
    restarting: 'was not paused: it is coming back by itself',
    stopped: 'was not paused: it is stopped, until: start',
  },
};

/** @param before the state that it was found in */
export function describeAction(verb: ProcessAction, before: ProcessState | undefined): string {
  return (before === undefined ? undefined : NOTHING_TO_DO[verb]?.[before]) ?? DONE[verb];
}
