import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { fail, succeedAll, type Script } from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';
import type { WhenOver } from '../../support/event-reader.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';
import { chromiumPath, launch, open } from './page/browser.js';
import { faintTexts } from './page/contrast.mjs';

/** A name that begins with "twice" fails at first. */
const script: Script = (invoke) => {
  const isFirst = invoke.request.delivery === 1;
  return isFirst && invoke.request.tasks.some(({ text }) => text.startsWith('twice'))
    ? fail()
    : succeedAll(invoke);
};

const ready = (page: Page) => page.locator('#connection', { hasText: 'Live' }).waitFor();

describe.skipIf(chromiumPath === undefined)(
  `the dashboard in ${chromiumPath ?? 'a browser: skipped, since no Chromium is installed (CHROMIUM_PATH names one)'}`,
  () => {
    let browser: Browser;
    let coordinator: HttpCoordinator;
    beforeAll(async () => {
      browser = await launch();
      coordinator = await startHttpCoordinator({ script });
    });
    afterAll(async () => {
      await browser.close();
      await coordinator.stop();
    });

    const shown = async (whenOver: WhenOver, options = {}) => {
      const opened = await open(browser, coordinator.url, options);
      whenOver(() => opened.page.context().close());
      await ready(opened.page);
      return opened;
    };

    it('fills itself, answers a sentence and complains of nothing', async ({ expect, onTestFinished }) => {
      const { page, complaints, addresses } = await shown(onTestFinished);
      await page.locator('#workers tbody tr').nth(2).waitFor();
      expect(await page.locator('#workers tbody tr').allInnerTexts()).toEqual([
        expect.stringMatching(/worker-1\s+up/) as string,
        expect.stringMatching(/worker-2\s+up/) as string,
        expect.stringMatching(/worker-3\s+up/) as string,
      ]);
      await page.getByLabel(/English text/).fill('What a lovely day');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const answer = page.locator('#answer');
      await answer.getByText('positive').waitFor();
      expect(await answer.innerText()).toMatch(
        /% sure[\s\S]*worker\s+worker-\d[\s\S]*deliveries\s+1[\s\S]*total\s+[\d.]+ m?s/,
      );
      await page.locator('#tasks').getByRole('link', { name: 'What a lovely day' }).waitFor();
      await page.locator('.plot canvas').nth(2).waitFor();
      await page.locator('#now').getByText('of 3').waitFor();
      expect(complaints).toEqual([]);
      expect(addresses.every((address) => address.startsWith(coordinator.url))).toBe(true);
    });

    it('lives with a language that is no tag', async ({ expect, onTestFinished }) => {
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      await context.addInitScript(
        "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })",
      );
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(coordinator.url);
      await ready(page);
      await page.locator('.plot canvas').nth(2).waitFor();
      expect(complaints).toEqual([]);
    });

    it('shows a task with its deliveries by keyboard alone, and gives the focus back', async ({
      expect,
      onTestFinished,
    }) => {
      const { page } = await shown(onTestFinished);
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').innerText()).toBe('Skip to the charts');
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline).toBe('solid');
      await page.locator('#text').focus();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('twice as good');
      await page.keyboard.press('Enter');
      await page.locator('#answer').getByText('positive').waitFor();
      const link = page.locator('#tasks').getByRole('link', { name: 'twice as good' });
      await link.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Task' });
      await dialog.getByRole('row', { name: /^1 .*worker-\d failed/ }).waitFor();
      await dialog.getByRole('row', { name: /^2 .*worker-\d succeeded/ }).waitFor();
      expect(page.url()).toMatch(/#task=[0-9a-f-]+$/);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(await page.locator(':focus').innerText()).toBe('twice as good');
      await page.waitForURL((url) => !url.hash.includes('task='));
    });

    it('says so when a task is not there', async ({ onTestFinished }) => {
      const { page } = await open(browser, `${coordinator.url}/#task=01a209d1-bd0b-78a3-a7a2-3acf18a3c438-0`);
      onTestFinished(() => page.context().close());
      await page.getByRole('dialog').getByText('Task not found').waitFor();
    });

    it.for(['light', 'dark'] as const)(
      'is readable on a phone, %s: no sideways scrolling, no faint text',
      async (colorScheme, { expect, onTestFinished }) => {
        const { page } = await shown(onTestFinished, { viewport: { width: 360, height: 740 }, colorScheme });
        await coordinator.post({
          text: 'twice upon a time, a text that is much too long to be shown as a whole on a phone',
        });
        await page.locator('#tasks').getByText('twice upon a time').first().waitFor();
        await page.locator('#events li').first().waitFor();
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect(width).toBeLessThanOrEqual(360);
        const { checked, faint } = await page.evaluate(faintTexts);
        expect(faint).toEqual([]);
        expect(checked).toBeGreaterThan(60);
        await page.locator('#tasks').getByRole('link').first().click();
        await page.getByRole('dialog').getByText('% sure').waitFor();
        expect((await page.evaluate(faintTexts)).faint).toEqual([]);
      },
    );

    it('can be held still', async ({ expect, onTestFinished }) => {
      const { page } = await shown(onTestFinished);
      await page.getByRole('button', { name: 'Pause' }).click();
      await coordinator.post({ text: 'while it was paused' });
      await eventually(() => coordinator.statistics.rows.at(-1)?.counts['succeeded'] !== undefined);
      expect(await page.locator('#tasks').getByText('while it was paused').count()).toBe(0);
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator('#tasks').getByText('while it was paused').waitFor();
    });

    it('says that the stream was interrupted, and resumes with the next coordinator', async ({
      expect,
      onTestFinished,
    }) => {
      const first = await startHttpCoordinator({ script });
      const { page } = await open(browser, first.url);
      onTestFinished(() => page.context().close());
      await ready(page);
      await first.post({ texts: ['before', 'the', 'end'] });
      await page.locator('#tasks').getByRole('link', { name: 'before' }).waitFor();
      const resumed = page.waitForRequest((request) => request.headers()['last-event-id'] !== undefined);
      await first.stop();
      await page.getByText(/The stream was interrupted/).waitFor();
      expect(await page.locator('#connection').innerText()).toBe('Disconnected');
      const second = await startHttpCoordinator({
        memoryStack: first.memoryStack,
        port: Number(new URL(first.url).port),
      });
      onTestFinished(() => second.stop());
      expect((await resumed).url()).toContain('/events');
      await page.locator('#connection', { hasText: 'Live' }).waitFor();
      await page.locator('#banner').waitFor({ state: 'hidden' });
    });

    it('asks for the key, keeps it for the tab, and never puts it into an address', async ({
      expect,
      onTestFinished,
    }) => {
      const guarded = await startHttpCoordinator({ script, apiKey: 'open sesame' });
      onTestFinished(() => guarded.stop());
      const { page, addresses } = await open(browser, guarded.url);
      onTestFinished(() => page.context().close());
      const key = page.getByLabel('API key', { exact: true });
      await key.waitFor();
      expect(await page.locator('#connection').innerText()).toBe('Waiting for the key');
      for (const place of ['#workers', '#tasks', '.card:has(#events)']) {
        expect(await page.locator(place).innerText()).toContain('Waiting for the API key.');
      }
      expect(await page.getByText(/No worker sent|Nothing in the last|No task was accepted/).count()).toBe(3);
      expect(
        await page
          .getByText(/No worker sent|Nothing in the last|No task was accepted/)
          .first()
          .isVisible(),
      ).toBe(false);
      await key.fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('That key was refused.').waitFor();
      await key.fill('open sesame');
      await page.keyboard.press('Enter');
      await ready(page);
      await page.getByText('Waiting for the API key.').first().waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.locator('#answer').getByText('positive').waitFor();
      await page.reload();
      await ready(page);
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(addresses.filter((address) => /sesame|wrong/.test(address))).toEqual([]);
    });
  },
);
