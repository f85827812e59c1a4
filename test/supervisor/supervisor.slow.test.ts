import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { isAlive, PATIENCE, startFixture, type TestProcess } from '../support/process/child.js';
import { newDiary, readDiary, type Diary } from '../support/process/diary.js';

interface FakeChild {
  readonly name: string;
  readonly startsAfter?: readonly string[];
  readonly stopStage?: number;
  readonly stopDeadlineMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const THREE: readonly FakeChild[] = [
  { name: 'stack', stopStage: 2 },
  { name: 'coordinator', startsAfter: ['stack'], stopStage: 0 },
  { name: 'worker', startsAfter: ['coordinator'], stopStage: 1 },
];

function supervise(children: readonly FakeChild[], diary: Diary = newDiary()): TestProcess {
  const environment = { FAKE_CHILDREN: JSON.stringify(children), ...diary };
  return startFixture('fake-supervisor.mjs', { supervised: true, environment });
}

interface ReadyChild {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

async function readyChildren(supervisor: TestProcess): Promise<Map<string, ReadyChild>> {
  const { children } = await supervisor.message('ready');
  return new Map((children as ReadyChild[]).map((child) => [child.name, child]));
}

function get(children: Map<string, ReadyChild>, name: string): ReadyChild {
  const child = children.get(name);
  if (child === undefined) throw new Error(`no ${name}`);
  return child;
}

async function noneIsAlive(children: Map<string, ReadyChild>): Promise<void> {
  await eventually(() => [...children.values()].every(({ pid }) => !isAlive(pid)), PATIENCE);
}

describe('the supervisor starts', () => {
  it('each child when what it needs is ready, and tells it the addresses', async () => {
    const diary = newDiary();
    const supervisor = supervise(THREE, diary);
    const children = await readyChildren(supervisor);
    const starts = readDiary(diary).filter((line) => /ready|starting/.test(line));
    expect(starts).toEqual([
      'stack is starting',
      'stack ready',
      'coordinator is starting',
      'coordinator ready',
      'worker is starting',
      'worker ready',
    ]);
    const response = await fetch(`${get(children, 'worker').url}/environment`);
    const environment = (await response.json()) as Record<string, string>;
    expect(JSON.parse(environment['FAKE_URLS'] ?? '')).toEqual({
      stack: get(children, 'stack').url,
      coordinator: get(children, 'coordinator').url,
    });
  });

  it('nothing for good where one child cannot start', async () => {
    const diary = newDiary();
    const [stack = { name: '' }, ...others] = THREE;
    const supervisor = supervise(
      [
        stack,
        ...others,
        { name: 'broken', startsAfter: ['worker'], environment: { FAKE_FAILURE: 'no model' } },
      ],
      diary,
    );
    expect(await supervisor.end()).toBe(1);
    expect(supervisor.stderr()).toBe('broken cannot start: no model\n');
    expect(readDiary(diary).filter((line) => line.endsWith('stopped'))).toHaveLength(3);
  });

  it('a child that crashes at once a few times only', async () => {
    const supervisor = supervise([{ name: 'broken', environment: { FAKE_START: 'crash' } }]);
    expect(await supervisor.end()).toBe(1);
    expect(supervisor.stderr()).toContain('broken cannot start: it ended 3 times');
    expect(supervisor.messages.filter(({ type }) => type === 'exited')).toHaveLength(2);
  });
});

describe('the supervisor restarts', () => {
  it('what crashes, after a back-off that grows', async () => {
    const diary = newDiary();
    const supervisor = supervise([{ name: 'worker' }], diary);
    const url = get(await readyChildren(supervisor), 'worker').url;
    const { port } = new URL(url);
    expect(Number(port)).toBeGreaterThan(0);
    await fetch(`${url}/crash`).catch(() => undefined);
    const exit = await supervisor.message('exited');
    expect(exit).toMatchObject({ child: 'worker', code: 7, signal: null, restartInMs: 200 });
    await eventually(() => readDiary(diary).filter((line) => line === 'worker ready').length === 2, PATIENCE);
  });

  it('what is killed', async () => {
    const supervisor = supervise(THREE);
    const children = await readyChildren(supervisor);
    process.kill(get(children, 'worker').pid, 'SIGKILL');
    expect(await supervisor.message('exited')).toMatchObject({ child: 'worker', signal: 'SIGKILL' });
  });
});

describe('the supervisor stops', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('all stage by stage on %s, and ends with 0', async (signal) => {
    const diary = newDiary();
    const supervisor = supervise(THREE, diary);
    const children = await readyChildren(supervisor);
    supervisor.child.kill(signal);
    expect(await supervisor.end()).toBe(0);
    expect(readDiary(diary).filter((line) => / stop/.test(line))).toEqual([
      'coordinator stops',
      'coordinator stopped',
      'worker stops',
      'worker stopped',
      'stack stops',
      'stack stopped',
    ]);
    await noneIsAlive(children);
  });

  it('what does not want to, after its deadline', async () => {
    const supervisor = supervise([
      { name: 'stubborn', stopDeadlineMs: 300, environment: { FAKE_STOP: 'never' } },
    ]);
    const children = await readyChildren(supervisor);
    supervisor.child.kill('SIGTERM');
    expect(await supervisor.end()).toBe(0);
    await noneIsAlive(children);
  });

  it('a child that is still starting', async () => {
    const diary = newDiary();
    const supervisor = supervise([{ name: 'slow', environment: { FAKE_START: 'slow' } }], diary);
    await eventually(() => readDiary(diary).includes('slow is starting'), PATIENCE);
    supervisor.child.kill('SIGTERM');
    expect(await supervisor.end()).toBe(0);
    expect(readDiary(diary).at(-1)).toBe('slow stopped');
  });

  it('at once by a second signal, leaving no child', async () => {
    const diary = newDiary();
    const supervisor = supervise([{ name: 'stubborn', environment: { FAKE_STOP: 'never' } }], diary);
    const children = await readyChildren(supervisor);
    supervisor.child.kill('SIGINT');
    await eventually(() => readDiary(diary).includes('stubborn stops'), PATIENCE);
    await eventually(() => !supervisor.child.kill('SIGINT'), PATIENCE);
    expect(await supervisor.end()).toBe(130);
    await noneIsAlive(children);
  });

  it('without a word when it is killed, and its children end of themselves', async () => {
    const diary = newDiary();
    const supervisor = supervise(THREE, diary);
    const children = await readyChildren(supervisor);
    supervisor.child.kill('SIGKILL');
    await noneIsAlive(children);
    expect(readDiary(diary).filter((line) => line.endsWith('stopped'))).toHaveLength(3);
  });
});
