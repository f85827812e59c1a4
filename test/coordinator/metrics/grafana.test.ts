/** The shipped dashboard shows nothing that is not there: every metric and label that it names is exported. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMetrics } from '../../../coordinator/metrics/metrics.js';
import { projectRoot } from '../../../infra/process/project-root.js';
import { eventually } from '../../support/eventually.js';
import { fail, succeedAll } from '../../support/fake-functions.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';
import { parseMetrics, type Sample } from '../../support/metrics.js';
import { heartbeatOf } from '../../support/running-coordinator.js';
import { systemClock } from '../../support/run-coordinator.js';

const panelSchema = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string().min(1) })).optional(),
});
const dashboardSchema = z.object({
  title: z.literal('Boomerang'),
  uid: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
  panels: z.array(panelSchema).min(10),
});

const text = readFileSync(join(projectRoot, 'infra/grafana/boomerang.json'), 'utf8');
const dashboard = dashboardSchema.parse(JSON.parse(text));
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Metrics with the labels that stand behind each in braces. */
function selectorsOf(expression: string): { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expression.matchAll(/\b((?:boomerang|process|nodejs)_\w+)\{([^}]*)\}/g)].map(
    ([, name = '', selector = '']) => ({
      name,
      labels: [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
}

/** Labels that Prometheus adds when it scrapes. */
const ADDED_BY_PROMETHEUS = ['job', 'instance'];

describe('the Grafana dashboard', () => {
  let coordinator: HttpCoordinator;
  let samples: readonly Sample[];

  beforeAll(async () => {
    coordinator = await startHttpCoordinator({
      script: (invoke, nth, invokeCall) => {
        if (nth > 1) return succeedAll(invoke);
        invokeCall.onFault('error');
        return fail();
      },
    });
    const { queue, batches, coordinator: core, sdkCalls } = coordinator;
    await core.heartbeats.beat('worker-9', { ...heartbeatOf('worker-9'), injected: { error: 1 } });
    sdkCalls.called('PutItem', 1, 'TimeoutError');
    await coordinator.post({ text: 'for the numbers' });
    await eventually(() => core.ledger.outstandingTasks === 0);
    const parts = { clock: systemClock, queue, batches, coordinator: core, sdkCalls, ofProcess: true };
    samples = parseMetrics(await createMetrics(parts, { visibilityTimeoutMs: 2000 }).render());
  });
  afterAll(() => coordinator.stop());

  it('names only metrics and labels that are exported', () => {
    const selectors = expressions.flatMap(selectorsOf);
    expect(selectors.length).toBeGreaterThan(30);
    for (const { name, labels } of selectors) {
      const known = samples.filter((sample) => sample.name === name);
      expect(known, `${name} is exported`).not.toEqual([]);
      const exported = new Set([
        ...known.flatMap((sample) => Object.keys(sample.labels)),
        ...ADDED_BY_PROMETHEUS,
      ]);
      expect(
        labels.filter((label) => !exported.has(label)),
        `labels of ${name}`,
      ).toEqual([]);
    }
  });

  it('groups only by labels that the metrics have', () => {
    const grouped = expressions.filter((expression) => expression.includes(' by ('));
    expect(grouped.length).toBeGreaterThan(5);
    for (const expression of grouped) {
      const by = [...expression.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
      const names = selectorsOf(expression).map(({ name }) => name);
      const exported = samples
        .filter(({ name }) => names.includes(name))
        .flatMap(({ labels }) => Object.keys(labels));
      for (const label of by) expect(exported, `${expression} groups by ${label}`).toContain(label);
    }
  });

  it('has a selector for the job in every expression, and balanced brackets', () => {
    for (const expression of expressions) {
      expect(expression).toContain('job=~"$job"');
      for (const [open, close] of [
        ['(', ')'],
        ['{', '}'],
        ['[', ']'],
      ]) {
        expect(expression.split(open ?? '?').length, expression).toBe(expression.split(close ?? '').length);
      }
    }
    const every = new RegExp(String.raw`\b(boomerang|process|nodejs)_\w+(?![\w{])`);
    for (const expression of expressions) expect(expression).not.toMatch(every);
  });

  it('lays no panel over another', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos: a, title } of panels) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      const over = panels.filter(
        ({ gridPos: b }) =>
          b !== a && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
      );
      expect(
        over.map((panel) => panel.title),
        title,
      ).toEqual([]);
    }
  });
});
