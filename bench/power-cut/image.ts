/**
 * A disk that can lose its power: an ext4 file system in a file. The cut is ext4's own shutdown without a flush: from that
 * moment nothing reaches the image any more, neither pages that are dirty nor the journal that is in memory.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Processes that have lost their supervisor take seconds to end. */
const MAX_UNMOUNT_TRIES = 100;
const BETWEEN_TRIES_MS = 200;
const IMAGE_BYTES = 2 * 1024 ** 3;
/** `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: Node has no ioctl. */
const CUT = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))
`;

export class Disk {
  readonly #image: string;
  readonly folder: string;

  private constructor(image: string, folder: string) {
    this.#image = image;
    this.folder = folder;
  }

  /** Mounted, and empty. @param workFolder holds image and mount point */
  static async create(workFolder: string): Promise<Disk> {
    const disk = new Disk(join(workFolder, 'disk.img'), join(workFolder, 'disk'));
    await mkdir(disk.folder);
    const file = await open(disk.#image, 'w', 0o600);
    await file.truncate(IMAGE_BYTES);
    await file.close();
    run('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0', disk.#image]);
    disk.mount();
    return disk;
  }

  mount(): void {
    run('mount', ['-o', 'loop', this.#image, this.folder]);
  }

  cut(): void {
    run('python3', ['-c', CUT, this.folder]);
  }

  /** After a cut, when those who have files of it open are about to end. @returns what e2fsck printed */
  async repair(): Promise<string> {
    await this.#unmount();
    return run('e2fsck', ['-fy', this.#image], [0, 1]); // 1: it mended something
  }

  async remove(): Promise<void> {
    await this.#unmount().catch(() => undefined); // a failure may have left it unmounted
    await rm(this.#image, { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  async #unmount(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        run('umount', [this.folder]);
        return;
      } catch (error) {
        if (tries === MAX_UNMOUNT_TRIES) throw error;
        await pause(BETWEEN_TRIES_MS);
      }
    }
  }
}

function run(program: string, programArguments: readonly string[], success: readonly number[] = [0]): string {
  const { status, stdout, stderr, error } = spawnSync(program, programArguments, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (!success.includes(status ?? -1))
    throw new Error(`${program} ended with ${status}: ${stderr || stdout}`);
  return stdout.trim();
}
