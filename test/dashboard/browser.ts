/** A real Chromium, where one is installed. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** `CHROMIUM_PATH`, else where systems have it. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? USUAL_PLACES.find((path) => existsSync(path));

export function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed');
  // Its sandbox refuses to run as root, which containers are; the only pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args });
}

export interface Opened {
  readonly page: Page;
  /** What the console complained of, content security policy included. */
  readonly complaints: string[];
  /** Every address that was asked for. */
  readonly addresses: string[];
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const addresses: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(url);
  return { page, complaints, addresses };
}
