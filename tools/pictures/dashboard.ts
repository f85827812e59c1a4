/** The dashboard in dark and in light, on a phone, and one task's deliveries. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumArguments } from './find-chromium.js';
import type { Picture } from './picture.js';

const READY_MS = 60_000;
/** For a first second and its workers to be drawn. */
const SETTLE_MS = 2500;

export function dashboardPicture(executablePath: string): Picture {
  return {
    name: 'dashboard',
    take: async ({ coordinatorUrl }, folder) => {
      const { chromium } = await import('playwright-core');
      const browser = await chromium.launch({ executablePath, args: chromiumArguments() });
      try {
        return [
          await desktop(browser, coordinatorUrl, folder, 'light'),
          await desktop(browser, coordinatorUrl, folder, 'dark'),
          await phone(browser, coordinatorUrl, folder),
          await task(browser, coordinatorUrl, folder),
        ];
      } finally {
        await browser.close();
      }
    },
  };
}

async function desktop(
  browser: Browser,
  url: string,
  folder: string,
  colorScheme: 'light' | 'dark',
): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme });
  await live(page, url);
  return save(page, folder, `dashboard-${colorScheme}.png`);
}

async function phone(browser: Browser, url: string, folder: string): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 });
  await live(page, url);
  await page.locator('#charts').scrollIntoViewIfNeeded();
  return save(page, folder, 'dashboard-phone.png');
}

/** The newest task that took more than one delivery, else the newest. */
async function task(browser: Browser, url: string, folder: string): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 900, height: 560 } });
  await page.goto(url);
  const id = await page.evaluate<string>(`(async () => {
    const { tasks } = await (await fetch('/tasks?status=succeeded&limit=200')).json();
    return (tasks.find(({ deliveries }) => deliveries > 1) ?? tasks[0]).taskId;
  })()`);
  await page.goto(`${url}/#task=${id}`);
  await page.getByRole('dialog').getByText('% sure').waitFor({ timeout: READY_MS });
  await page.waitForTimeout(SETTLE_MS);
  return save(page, folder, 'dashboard-task.png');
}

async function live(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('#connection', { hasText: 'Live' }).waitFor({ timeout: READY_MS });
  await page.locator('#window').selectOption('60');
  await page.locator('#workers tbody tr').first().waitFor({ timeout: READY_MS });
  await page.waitForTimeout(SETTLE_MS);
}

async function save(page: Page, folder: string, name: string): Promise<string> {
  await page.screenshot({ path: join(folder, name) });
  await page.close();
  return name;
}
