/** A real Chromium, where one is installed. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../../tools/pictures/find-chromium.js';

/** `CHROMIUM_PATH`, else where systems have it. */
export const chromiumPath: string | undefined = findChromium(process.env['CHROMIUM_PATH']);

export function launch(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed');
  return chromium.launch({ executablePath: chromiumPath, args: chromiumArguments() });
}

export interface Opened {
  readonly page: Page;
  /** Complaints of the console, content security policy included. */
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
