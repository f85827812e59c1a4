import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from 'undici';
import { eventually } from '../support/eventually.js';
import { isAlive, PATIENCE, startFixture, type TestProcess } from '../support/process/child.js';
import { newDiary, readDiary, type Diary } from '../support/process/diary.js';

interface FakeChild {
  readonly name: string;
  readonly hasData?: boolean;
  readonly stopDeadlineMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

interface View {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
  readonly url?: string;
}

const TOKEN = 'chaos-token';

async function supervise(
  children: readonly FakeChild[],
  diary: Diary = newDiary(),
  environment: Readonly<Record<string, string>> = {},
) {
  const supervisor = startFixture('fake-supervisor.mjs', {
    supervised: true,
    environment: { FAKE_CHILDREN: JSON.stringify(children), FAKE_TOKEN: TOKEN, ...environment, ...diary },
  });
  const { controlUrl } = await supervisor.message('ready');
  const ask = async (method: 'GET' | 'POST', path: string, token = TOKEN) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await request(`${String(controlUrl)}${path}`, { method, headers });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  const act = async (action: string, name = 'worker') => ask('POST', `/processes/${name}/${action}`);
  const view = async (name = 'worker'): Promise<View> => {
    const { processes } = (await ask('GET', '/processes')).body as { processes: readonly View[] };
    const found = processes.find((process) => process.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const pidOf = async (name?: string): Promise<number> => (await view(name)).pid ?? 0;
  return { supervisor, diary, ask, act, view, pidOf };
}

async function answers({ url = '' }: View): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(300) });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Process ids of everything that mentions this word in its arguments. */
function pidsMentioning(word: string): readonly string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(word) && !/^\s*\d+ Z/.test(line));
}

async function endsWell({ supervisor }: { readonly supervisor: TestProcess }): Promise<void> {
  supervisor.child.kill('SIGTERM');
  expect(await supervisor.end()).toBe(0);
}

describe('through the control server', () => {
  it('a child is killed, and comes back by itself at the same address', async () => {
    const system = await supervise([{ name: 'worker' }]);
    const before = await system.view();
    expect(before).toMatchObject({ state: 'running' });
    expect(await system.act('kill')).toMatchObject({
      status: 200,
      body: { name: 'worker', state: 'restarting' },
    });
    expect(isAlive(before.pid ?? 0)).toBe(false);
    const after = await eventually(async () => {
      const view = await system.view();
      return view.state === 'running' && view;
    }, PATIENCE);
    expect(after.url).toBe(before.url);
    expect(after.pid).not.toBe(before.pid);
    await endsWell(system);
  });

  it('a child is stopped in order, stays down, and is started again', async () => {
    const system = await supervise([{ name: 'worker' }, { name: 'other' }]);
    const before = await system.view();
    expect((await system.act('stop')).body).toEqual({ name: 'worker', state: 'stopped', url: before.url });
    expect(readDiary(system.diary)).toContain('worker stopped');
    expect(system.supervisor.messages.filter(({ type }) => type === 'exited')).toEqual([]);
    expect((await system.act('stop')).status).toBe(200);
    expect((await system.act('kill')).status).toBe(409);
    expect((await system.act('pause')).status).toBe(409);
    expect((await system.act('kill', 'other')).status).toBe(200); // longer than a back-off lasts
    await eventually(async () => (await system.view('other')).state === 'running', PATIENCE);
    expect((await system.view()).state).toBe('stopped');
    expect((await system.act('start')).body).toMatchObject({ state: 'running', url: before.url });
    expect((await system.act('start')).body).toMatchObject({ state: 'running' });
    expect(readDiary(system.diary).filter((line) => line === 'worker ready')).toHaveLength(2);
    await endsWell(system);
  });

  it('a child is frozen, and goes on', async () => {
    const system = await supervise([{ name: 'worker' }]);
    const view = await system.view();
    expect((await system.act('pause')).body).toMatchObject({ state: 'paused', pid: view.pid });
    expect(await answers(view)).toBe(false);
    expect((await system.act('pause')).status).toBe(200);
    expect((await system.act('start')).status).toBe(409);
    expect((await system.act('resume')).body).toMatchObject({ state: 'running', pid: view.pid });
    await eventually(() => answers(view), PATIENCE);
    expect(pidsMentioning(`thaw-guard ${String(view.pid)}`)).toEqual([]);
    await endsWell(system);
  });

  it('a frozen child is killed, and one that comes back is not frozen', async () => {
    const system = await supervise([{ name: 'worker' }]);
    await system.act('pause');
    await system.act('kill');
    const back = await eventually(async () => {
      const view = await system.view();
      return view.state === 'running' && view;
    }, PATIENCE);
    expect(await answers(back)).toBe(true);
    await endsWell(system);
  });

  it('a child is restarted, frozen or not', async () => {
    const system = await supervise([{ name: 'worker' }]);
    const before = await system.view();
    await system.act('pause');
    const { body } = await system.act('restart');
    expect(body).toMatchObject({ state: 'running', url: before.url });
    expect((body as View).pid).not.toBe(before.pid);
    expect(readDiary(system.diary)).toEqual([
      'worker is starting',
      'worker ready',
      'worker stops',
      'worker stopped',
      'worker is starting',
      'worker ready',
    ]);
    await endsWell(system);
  });

  it('a child with data is restarted empty: killed, emptied, started', async () => {
    const system = await supervise([{ name: 'stack', hasData: true }, { name: 'worker' }]);
    const before = await system.pidOf('stack');
    expect((await system.act('restart?empty=true', 'stack')).body).toMatchObject({ state: 'running' });
    expect(isAlive(before)).toBe(false);
    expect(readDiary(system.diary).filter((line) => line.startsWith('stack'))).toEqual([
      'stack is starting',
      'stack ready',
      'stack emptied',
      'stack is starting',
      'stack ready',
    ]);
    expect(await system.act('restart?empty=true')).toMatchObject({
      status: 409,
      body: { detail: 'worker keeps no data that could be emptied' },
    });
    expect((await system.act('stop?empty=true', 'stack')).status).toBe(409);
    await endsWell(system);
  });

  it('what contradicts itself is done one after the other', async () => {
    const system = await supervise([{ name: 'worker' }]);
    const replies = await Promise.all(
      ['restart', 'stop', 'start', 'restart'].map((word) => system.act(word)),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await system.view()).state).toBe('running');
    expect(readDiary(system.diary).filter((line) => line === 'worker ready')).toHaveLength(4);
    await endsWell(system);
  });

  it('a child that does not come up is reported, and not given up', async () => {
    const diary = newDiary();
    const system = await supervise([{ name: 'worker' }], diary, { FAKE_READY_WITHIN_MS: '1' });
    await system.act('stop');
    expect(await system.act('start')).toMatchObject({
      status: 504,
      body: { detail: 'worker is not ready after 1 ms' },
    });
    await eventually(async () => (await system.view()).state === 'running', PATIENCE);
    await endsWell(system);
  });

  it('nothing is done without the token, or for what is not there', async () => {
    const system = await supervise([{ name: 'worker' }]);
    for (const token of ['', 'guessed', `${TOKEN}x`]) {
      expect((await system.ask('GET', '/processes', token)).status).toBe(401);
      expect((await system.ask('POST', '/processes/worker/kill', token)).status).toBe(401);
    }
    expect((await system.act('kill', 'nobody')).status).toBe(404);
    expect((await system.act('explode')).status).toBe(404);
    expect((await system.ask('GET', '/processes/worker/kill')).status).toBe(404);
    expect((await system.view()).state).toBe('running');
    await endsWell(system);
  });
});

describe('nothing is left behind', () => {
  it('where children are frozen, stopped, or coming back when all is stopped', async () => {
    const names = ['frozen', 'held', 'dead', 'well'];
    const system = await supervise(names.map((name) => ({ name })));
    const pids = await Promise.all(names.map((name) => system.pidOf(name)));
    await system.act('pause', 'frozen');
    await system.act('stop', 'held');
    await system.act('kill', 'dead');
    await endsWell(system);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(readDiary(system.diary)).toContain('frozen stopped');
    for (const pid of pids) expect(pidsMentioning(`thaw-guard ${pid}`)).toEqual([]);
  });

  it('where a stop is asked for while a child is being started', async () => {
    const diary = newDiary();
    const system = await supervise([{ name: 'worker', environment: { FAKE_START: 'slow' } }], diary);
    await system.act('stop');
    const starting = system.act('start').catch(() => 'gone');
    await eventually(
      () => readDiary(diary).filter((line) => line === 'worker is starting').length === 2,
      PATIENCE,
    );
    await endsWell(system);
    expect(await starting).not.toMatchObject({ status: 200 });
    expect(readDiary(diary).at(-1)).toBe('worker stopped');
  });

  it('where the supervisor is killed while a child is frozen', async () => {
    const system = await supervise([{ name: 'worker' }]);
    const pid = await system.pidOf();
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    await system.act('pause');
    system.supervisor.child.kill('SIGKILL');
    await eventually(() => !isAlive(pid), PATIENCE);
    expect(readDiary(system.diary).at(-1)).toBe('worker stopped');
    await eventually(() => pidsMentioning(`thaw-guard ${pid}`).length === 0, PATIENCE);
  });

  it('where a second signal ends the supervisor while a child is frozen', async () => {
    const system = await supervise([
      { name: 'frozen' },
      { name: 'stubborn', environment: { FAKE_STOP: 'never' } },
    ]);
    const pids = [await system.pidOf('frozen'), await system.pidOf('stubborn')];
    await system.act('pause', 'stubborn');
    system.supervisor.child.kill('SIGINT');
    await eventually(() => readDiary(system.diary).includes('stubborn stops'), PATIENCE);
    await eventually(() => !system.supervisor.child.kill('SIGINT'), PATIENCE);
    expect(await system.supervisor.end()).toBe(130);
    await eventually(() => !pids.some(isAlive), PATIENCE);
  });
});
