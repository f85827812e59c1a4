/** Each check is shown to fail: one that cannot proves nothing. */
import { describe, expect, it } from 'vitest';
import { runChecks } from '../../../../tools/chaos/checks/checks.js';
import { countTaskResults, type Evidence } from '../../../../tools/chaos/evidence/evidence.js';
import { figuresOf } from '../../../../tools/chaos/checks/figures.js';
import { recordSighting, type TaskRecord } from '../../../../tools/chaos/load/records.js';
import { exitCodeOfVerdict, verdictOf } from '../../../../tools/chaos/checks/verdict.js';
import {
  delivery,
  EMPTY_STACK,
  GOOD,
  healthyEvidence,
  KILL_COORDINATOR,
  mark,
  plannedRequest,
  seenOtherwise,
  storedOtherwise,
  storedTask,
  taskIdAt,
} from '../support/evidence.js';

const good = healthyEvidence();
const [firstId = ''] = good.stored.keys();

const brokenNames = (evidence: Evidence): readonly string[] =>
  runChecks(evidence).flatMap(({ held, name }) => (held ? [] : [name]));

const ACCOUNTED = 'accepted = succeeded + failed + expired + cancelled';
const LOST = 'nothing accepted is lost';
const ONE_ANSWER = 'no task has two different answers';
const FINAL = 'no final state changed';
const BARE = 'every answer is the bare model’s (to 1e-5)';
const TEXT = 'each id holds the text that was asked';
const ONCE = 'no answer is stored twice';
const KEY = 'the same key gives the same tasks';
const SERVED = 'who repeats is answered in the end';
const NO_FAILURE = 'no task fails';
const WELL = 'the system is well again after it was healed';
const ENDED = 'no stop condition was met';

const other = { label: 'NEGATIVE', score: 0.7 };
const final = (answer: typeof GOOD, by: 'poll' | 'store' | 'again' = 'poll') =>
  ({ atMs: 200, by, status: 'succeeded', ...answer }) as const;

describe('a run in which every promise was kept', () => {
  it('breaks no check', () => {
    expect(brokenNames(good)).toEqual([]);
    expect(verdictOf(runChecks(good))).toEqual({ outcome: 'held' });
    expect(runChecks(good).length).toBeGreaterThanOrEqual(12);
  });
});

const BROKEN: readonly (readonly [string, Evidence, readonly string[]])[] = [
  [
    'nobody was served',
    { ...good, requests: [], stored: new Map(), keyRepeats: [] },
    ['tasks were accepted', BARE],
  ],
  ['an accepted task is not in the store', storedOtherwise(good, undefined), [ACCOUNTED, LOST]],
  [
    'an accepted task never ends',
    seenOtherwise(storedOtherwise(good, { status: 'queued' }), { finals: [] }),
    [ACCOUNTED],
  ],
  ['a task was final and is open again', storedOtherwise(good, { status: 'running' }), [ACCOUNTED, FINAL]],
  ['a task was succeeded and is failed', storedOtherwise(good, { status: 'failed' }), [FINAL, NO_FAILURE]],
  ['a task fails', seenOtherwise(storedOtherwise(good, { status: 'failed' }), { finals: [] }), [NO_FAILURE]],
  ['the store holds another answer than was told', storedOtherwise(good, other), [ONE_ANSWER, FINAL, BARE]],
  [
    'a score differs a little',
    storedOtherwise(good, { score: GOOD.score + 2e-5 }),
    [ONE_ANSWER, FINAL, BARE],
  ],
  [
    'an answer changed for a while',
    seenOtherwise(good, { finals: [final(GOOD), final(other, 'store'), final(GOOD, 'again')] }),
    [ONE_ANSWER, FINAL, BARE],
  ],
  [
    'told and stored agree, and the bare model does not',
    { ...good, bareModel: new Map([...good.bareModel].map(([text]) => [text, other])) },
    [BARE],
  ],
  [
    'an answer has no score',
    seenOtherwise(storedOtherwise(good, { score: undefined as never }), { finals: [] }),
    [BARE],
  ],
  ['the bare model was never asked', { ...good, bareModel: new Map() }, [BARE]],
  ['an id holds another text', storedOtherwise(good, { text: 'Another one' }), [TEXT]],
  [
    'an answer was stored twice',
    storedOtherwise(good, { history: [delivery('succeeded'), delivery('succeeded')] }),
    [ONCE],
  ],
  [
    'a key gives other tasks',
    { ...good, keyRepeats: [{ requestId: 'run-0', before: [firstId], after: [taskIdAt(1, 9)] }] },
    [KEY],
  ],
  [
    'a client with a key is never answered',
    {
      ...good,
      requests: [
        ...good.requests,
        {
          planned: plannedRequest({ keyed: true }),
          requestId: 'run-9',
          state: 'unknown',
          sends: 7,
          tasks: [],
          problem: '503',
        },
      ],
    },
    [SERVED],
  ],
  ['the system is ill afterwards', { ...good, healthProblem: 'no worker is up' }, [WELL]],
  ['it was stopped', { ...good, stopped: 'it took longer than 2 min' }, [ENDED]],
];

describe('a broken history', () => {
  it.each(BROKEN)('breaks the checks that it must, and no other: %s', (_what, evidence, names) => {
    expect(brokenNames(evidence)).toEqual(names);
    expect(exitCodeOfVerdict(verdictOf(runChecks(evidence)))).toBe(1);
  });

  it('shows some of what is wrong', () => {
    const [check] = runChecks(storedOtherwise(good, undefined)).filter(({ name }) => name === LOST);
    expect(check?.examples).toEqual([`${firstId} is lost, its client was told succeeded`]);
  });
});

describe('a task that is in no book', () => {
  const gone = storedOtherwise(good, undefined); // taken in at 0 ms
  const died = (atMs: number) =>
    mark('kill coordinator', KILL_COORDINATOR, {
      targets: ['coordinator'],
      atMs,
      doneAtMs: atMs,
      overAtMs: atMs,
    });
  const emptied = (atMs: number) =>
    mark('restart stack empty', EMPTY_STACK, {
      targets: ['stack'],
      emptiesStack: true,
      atMs,
      doneAtMs: atMs,
    });

  it('is gone, not lost, where its coordinator died just before the stack was emptied', () => {
    const evidence = { ...gone, marks: [died(1000), emptied(3000)] };
    expect(countTaskResults(evidence)).toMatchObject({ gone: 1, lost: 0 });
    expect(brokenNames(evidence)).toEqual([]);
  });

  it('takes its key along', () => {
    const keyRepeats = [{ requestId: 'run-0', before: [firstId], after: ['another'] }];
    expect(brokenNames({ ...gone, keyRepeats, marks: [died(1000), emptied(3000)] })).toEqual([]);
    expect(brokenNames({ ...gone, keyRepeats, marks: [] })).toContain('the same key gives the same tasks');
  });

  it('is gone where the stack was emptied while no coordinator ran', () => {
    const { overAtMs: _none, ...stopped } = died(1000);
    expect(countTaskResults({ ...gone, marks: [stopped, emptied(30_000)] })).toMatchObject({
      gone: 1,
      lost: 0,
    });
  });

  it('is gone where its coordinator died before a stack that forgets was back', () => {
    const stopped = { ...emptied(500), doneAtMs: 800, overAtMs: 4000 };
    expect(countTaskResults({ ...gone, marks: [stopped, died(3000)] })).toMatchObject({ gone: 1, lost: 0 });
    expect(countTaskResults({ ...gone, marks: [stopped, died(5000)] })).toMatchObject({ gone: 0, lost: 1 });
  });

  it.each([
    ['only the coordinator died', [died(1000)]],
    ['only the stack was emptied', [emptied(3000)]],
    ['the next coordinator had long read it when the stack was emptied', [died(1000), emptied(12_000)]],
    ['the coordinator died after the stack was emptied', [emptied(1000), died(3000)]],
    ['another coordinator had accepted it by then', [died(-2000), emptied(3000)]],
    [
      'the stack was restarted with its data',
      [
        died(1000),
        mark('restart stack', { verb: 'restart', target: 'stack' }, { targets: ['stack'], atMs: 3000 }),
      ],
    ],
    [
      'a worker died',
      [
        mark('kill worker-1', { verb: 'kill', target: 'worker-1' }, { targets: ['worker-1'], atMs: 1000 }),
        emptied(3000),
      ],
    ],
  ])('is lost where %s', (_what, marks) => {
    expect(countTaskResults({ ...gone, marks })).toMatchObject({ gone: 0, lost: 1 });
  });
});

describe('limits of an experiment', () => {
  const failed = (text: string): Evidence => {
    const evidence = seenOtherwise(storedOtherwise(good, { status: 'failed', text }), { finals: [], text });
    return { ...evidence, poison: 'kryptonite' };
  };

  it('may allow some failures', () => {
    const evidence = failed('What a wonderful day');
    expect(brokenNames({ ...evidence, settings: { failed: { atMost: 1 } } })).toEqual([]);
    expect(brokenNames({ ...evidence, settings: { failed: 'any' } })).toEqual([]);
    const twice = { ...evidence, settings: { failed: { atMost: 0 } } } as const;
    expect(brokenNames(twice)).toEqual([NO_FAILURE]);
  });

  it('may want poisonous texts to fail, all of them and no other', () => {
    const poisonous = 'poisonous texts fail, and fail alone';
    const settings = { failed: 'poisonous' } as const;
    expect(brokenNames({ ...failed('holds kryptonite'), settings })).toEqual([]);
    expect(brokenNames({ ...failed('a neighbor'), settings })).toEqual([poisonous]);
    const text = 'holds kryptonite';
    const survivor = seenOtherwise(storedOtherwise(good, { text }), { text });
    const known = new Map([...good.bareModel, [text, GOOD]]);
    expect(brokenNames({ ...survivor, bareModel: known, poison: 'kryptonite', settings })).toEqual([
      poisonous,
    ]);
  });

  const recovery = (throughputMs: number | undefined, underWayMs: number | undefined) => ({
    text: 'kill any',
    targets: ['worker-1'],
    atMs: 500,
    underWay: 3,
    throughputMs,
    underWayMs,
  });

  it.each([
    ['in time', 4000, []],
    ['too late', 6000, ['throughput is back within 5.0 s']],
    ['never', undefined, ['throughput is back within 5.0 s']],
  ])('may want throughput back in time: %s', (_what, throughputMs, names) => {
    const evidence = {
      ...good,
      settings: { failed: 'none', recovery: 5000 },
      recoveries: [recovery(0, 0), recovery(throughputMs, 0)],
    } as const;
    expect(brokenNames(evidence)).toEqual(names);
  });

  it.each([
    ['in time', 4000, []],
    ['too late', 6000, ['what was under way is final within 5.0 s']],
    ['never', undefined, ['what was under way is final within 5.0 s']],
  ])('may want all that was under way final in time: %s', (_what, underWayMs, names) => {
    const evidence = {
      ...good,
      settings: { failed: 'none', underWay: 5000 },
      recoveries: [recovery(0, underWayMs)],
    } as const;
    expect(brokenNames(evidence)).toEqual(names);
  });

  it('are not met where there was no fault to recover from', () => {
    expect(brokenNames({ ...good, settings: { failed: 'none', recovery: 5000 } })).toEqual([
      'throughput is back within 5.0 s',
    ]);
  });

  it('may want faults and zombies to have been there', () => {
    const settings = { failed: 'none', late: { atLeast: 1 }, faults: { atLeast: 2 } } as const;
    expect(brokenNames({ ...good, settings })).toEqual([
      'answers came late: at least 1',
      'faults were injected: at least 2',
    ]);
    const history = [
      delivery('failed', 'error'),
      delivery('lost', 'crash'),
      delivery('succeeded'),
      delivery('late'),
    ];
    expect(brokenNames({ ...storedOtherwise(good, { history }), settings })).toEqual([]);
  });

  it('may want messages to be sent again seldom', () => {
    const settings = { failed: 'none', resent: { atMost: 1 } } as const;
    expect(brokenNames({ ...storedOtherwise(good, { sends: 2 }), settings })).toEqual([]);
    expect(brokenNames({ ...storedOtherwise(good, { sends: 3 }), settings })).toEqual([
      'messages were sent again: at most 1',
    ]);
  });
});

describe('figures', () => {
  it('count tasks by their fate, and what was done twice', () => {
    const history = [delivery('failed', 'error'), delivery('succeeded'), delivery('late')];
    const evidence = storedOtherwise(good, { history, deliveries: 3 });
    expect(figuresOf({ ...evidence, unreported: [storedTask(taskIdAt(5, 5))] })).toMatchObject({
      requests: 3,
      accepted: 3,
      succeeded: 3,
      lost: 0,
      untold: 1,
      duplicatesComputed: 1,
      duplicatesStored: 0,
      redeliveries: 2,
      faultsMet: { error: 1 },
      p50Ms: 50,
    });
  });
});

describe('what is seen of a task', () => {
  const empty = (): TaskRecord => ({ taskId: firstId, text: 'x', request: 0, finals: [], missing: 0 });

  it('is kept when it is final and new', () => {
    const task = empty();
    recordSighting(task, { atMs: 1, by: 'poll', status: 'running' });
    recordSighting(task, { atMs: 2, by: 'store', status: 'succeeded', ...GOOD });
    recordSighting(task, { atMs: 3, by: 'poll', status: 'succeeded', ...GOOD });
    recordSighting(task, { atMs: 4, by: 'poll', status: 'failed' });
    expect(task.finals.map(({ atMs }) => atMs)).toEqual([2, 4]);
    expect(task.told?.atMs).toBe(3);
  });

  it('is no answer where it stands in a receipt, and a state all the same', () => {
    const task = empty();
    recordSighting(task, { atMs: 1, by: 'receipt', status: 'succeeded' });
    expect(task.told).toBeUndefined();
    recordSighting(task, { atMs: 2, by: 'poll', status: 'succeeded', ...GOOD });
    const { finals, told } = task;
    const evidence = seenOtherwise(good, { finals, ...(told && { told }) });
    expect(brokenNames(evidence)).toEqual([]);
    expect(brokenNames(storedOtherwise(evidence, { status: 'failed' }))).toContain(FINAL);
    expect(brokenNames(storedOtherwise(evidence, other))).toContain(ONE_ANSWER);
  });
});
