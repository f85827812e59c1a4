import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../infra/process/process-identity.js';
import { checkPorts } from '../../supervisor/check-ports.js';
import { claimDataFolder, emptyData, releaseDataFolder } from '../../supervisor/data-folder.js';
import { writeControlFile } from '../../supervisor/control-file.js';
import { rejectSecondCopy } from '../../supervisor/refuse-second.js';
import { projectRoot } from '../../infra/process/project-root.js';
import { eventually } from '../support/eventually.js';
import { startProgram } from '../support/process/child.js';
import { temporaryFolder } from '../support/process/diary.js';

const HOST = '127.0.0.1';
const servers: Server[] = [];

async function takePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

afterEach(() => {
  servers.splice(0).forEach((server) => server.close());
});

describe('ports', () => {
  it('that are free, or chosen by the system, are no reason to complain', async () => {
    const zero = { host: HOST, port: 0, flag: '--port' };
    await checkPorts([
      { name: 'one', ...zero },
      { name: 'two', ...zero },
    ]);
  });

  it('in use are all named, with the flag that moves them', async () => {
    const [first, second] = [await takePort(), await takePort()];
    const check = checkPorts([
      { name: 'the coordinator', host: HOST, port: first, flag: '--port' },
      { name: 'the stack', host: HOST, port: second, flag: '--stack-port' },
    ]);
    await expect(check).rejects.toThrow(
      `port ${first} on 127.0.0.1, for the coordinator, is in use by another program: choose another with --port\n` +
        `port ${second} on 127.0.0.1, for the stack, is in use by another program: choose another with --stack-port`,
    );
  });

  it('cannot be meant for two', async () => {
    const check = checkPorts([
      { name: 'the coordinator', host: HOST, port: 9002, flag: '--port' },
      { name: 'worker-2', host: HOST, port: 9002, flag: '--function-port-base' },
    ]);
    await expect(check).rejects.toThrow('port 9002 is meant for both the coordinator and worker-2');
  });
});

const main = join(projectRoot, 'dist', 'supervisor', 'main.js');

describe('npm start', () => {
  it('ends at once with 1 where a port is in use, having started nothing', async () => {
    const port = await takePort();
    const data = temporaryFolder();
    const up = startProgram(main, {
      programArguments: [
        '--port',
        String(port),
        '--stack-port',
        '0',
        '--function-port-base',
        '0',
        '--data',
        data,
      ],
    });
    expect(await up.end()).toBe(1);
    expect(up.stderr()).toContain(`port ${port}`);
    expect(up.stderr()).toContain('--port');
    expect(up.stdout()).toBe('');
    expect(readdirSync(data)).toEqual([]);
  });

  it('names a flag that cannot be used', async () => {
    const up = startProgram(main, { programArguments: ['--workers', 'nine'] });
    expect(await up.end()).toBe(1);
    expect(up.stderr()).toBe('--workers nine cannot be used: expected a whole number from 1 to 64\n');
  });

  it('knows no flag that it does not know', async () => {
    const up = startProgram(main, { programArguments: ['--wrokers', '5'] });
    expect(await up.end()).toBe(1);
    expect(up.stderr()).toContain('wrokers');
  });

  it('takes no flag twice', async () => {
    const up = startProgram(main, { programArguments: ['--port', '0', '--workers', '2', '--workers', '3'] });
    expect(await up.end()).toBe(1);
    expect(up.stderr()).toContain('--workers takes one value, and was given 2 and 3');
  });

  it('explains its flags', async () => {
    const up = startProgram(main, { programArguments: ['--help'] });
    expect(await up.end()).toBe(0);
    expect(up.stdout()).toContain('--function-port-base');
  });
});

describe('a second copy', () => {
  /** Named as the supervisor is, which is how its folder knows it. */
  async function anotherCopyOn(data: string, name: 'up/main.js' | 'up/main.ts'): Promise<number> {
    const script = join(temporaryFolder(), 'run.mjs'); // as npm start runs it
    writeFileSync(script, 'setInterval(() => undefined, 1000);');
    const { pid } = startProgram(script, { programArguments: [`tools/${name}`] });
    await eventually(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name));
    writeFileSync(join(data, 'supervisor.pid'), String(pid));
    return pid;
  }

  const note = (pid: number) => ({
    controlUrl: 'http://127.0.0.1:1',
    token: 't',
    workerToken: 't',
    coordinatorUrl: 'http://127.0.0.1:8765',
    workers: [],
    pid,
  });

  it('on the same data folder is refused with what runs there and how to run two', async () => {
    const data = temporaryFolder();
    const pid = await anotherCopyOn(data, 'up/main.ts');
    await writeControlFile(data, note(pid));
    const up = startProgram(main, { programArguments: ['--data', data] });
    expect(await up.end()).toBe(1);
    expect(up.stderr()).toContain(
      `Boomerang already runs on ${data}: process ${pid}, at http://127.0.0.1:8765.\n`,
    );
    expect(up.stderr()).toContain('npm start -- --port 8081 --stack-port 4567');
    expect(up.stdout()).toBe('');
  });

  it('is told of one that is just starting, and minds none that is gone or is another program', async () => {
    const data = temporaryFolder();
    const pid = await anotherCopyOn(data, 'up/main.js');
    await expect(rejectSecondCopy(data)).rejects.toThrow(`process ${pid}, and is just starting`);
    writeFileSync(join(data, 'supervisor.pid'), String(process.ppid));
    await rejectSecondCopy(data);
    writeFileSync(join(data, 'supervisor.pid'), '999999999');
    await rejectSecondCopy(data);
  });
});

describe('the data folder', () => {
  const worn = () => {
    const { pid, started } = identityOf(process.ppid) ?? {};
    return `${pid} ${started}0`;
  };

  it.each([
    ['of before', () => String(process.ppid)],
    ['with the start of another process', worn],
    ['half written', () => ''],
  ])(
    'is claimed where a note %s is all that is left, though its number is another’s now',
    async (_, stale) => {
      const data = temporaryFolder();
      writeFileSync(join(data, 'supervisor.pid'), stale());
      expect(await claimDataFolder(data)).toBe(true);
      expect(readFileSync(join(data, 'supervisor.pid'), 'utf8')).toMatch(`${process.pid} `);
      await releaseDataFolder(data);
      expect(readdirSync(data)).toEqual([]);
    },
  );

  it('is for its owner alone, files of an earlier version too', async () => {
    const data = temporaryFolder();
    chmodSync(data, 0o755);
    mkdirSync(join(data, 'stack'), { mode: 0o755 });
    writeFileSync(join(data, 'stack', 'table'), 'texts', { mode: 0o644 });
    await claimDataFolder(data);
    const modes = ['', 'stack', 'stack/table', 'supervisor.pid'].map(
      (name) => statSync(join(data, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600]);
    await releaseDataFolder(data);
  });

  it('that holds something else is refused, and left as it is', async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, 'thesis.tex'), '');
    chmodSync(data, 0o755);
    await expect(claimDataFolder(data)).rejects.toThrow(
      `${data} is no data folder of Boomerang: it holds thesis.tex. Choose an empty one with --data`,
    );
    expect(statSync(data).mode & 0o777).toBe(0o755);
  });

  it('may be the root of an empty file system', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'lost+found'));
    expect(await claimDataFolder(data)).toBe(true);
    await releaseDataFolder(data);
  });

  it('that is a file is refused with the way out', async () => {
    const data = join(temporaryFolder(), 'data');
    writeFileSync(data, '');
    await expect(claimDataFolder(data)).rejects.toThrow(
      `${data} cannot be used: it is a file. Way out: choose another folder`,
    );
    await expect(claimDataFolder(join(data, 'below'))).rejects.toThrow('is a file');
  });
});

describe('--fresh', () => {
  it('deletes its own subfolder and nothing else', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'stack'));
    writeFileSync(join(data, 'stack', 'table'), 'full');
    writeFileSync(join(data, 'holiday.jpg'), 'a beach');
    await emptyData(data, 'stack');
    expect(readdirSync(data)).toEqual(['holiday.jpg']);
  });

  it('refuses while another copy runs on the folder', async () => {
    const data = temporaryFolder();
    const { pid, started } = identityOf(process.ppid) ?? {};
    writeFileSync(join(data, 'supervisor.pid'), `${pid} ${started}\n`);
    mkdirSync(join(data, 'stack'));
    await expect(emptyData(data, 'stack')).rejects.toThrow('is in use by process');
    expect(readdirSync(data)).toContain('stack');
  });

  it('does not mind a copy that is gone', async () => {
    const data = temporaryFolder();
    await claimDataFolder(data);
    await emptyData(data, 'stack');
    await releaseDataFolder(data);
    expect(readdirSync(data)).toEqual([]);
  });
});
