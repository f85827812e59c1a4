import { describe, expect, it } from 'vitest';
import { explainingFault } from '../../../coordinator/delivery/explaining-fault.js';

describe('the fault that explains an invoke', () => {
  it.each([
    [['delay'], 'connection_lost', undefined],
    [['hang'], 'connection_lost', undefined],
    [['partial', 'delay'], 'connection_lost', undefined],
    [['crash', 'delay'], 'connection_lost', 'crash'],
    [['poison'], 'connection_lost', 'poison'],
    [['drop'], 'connection_lost', 'drop'],
    [['error', 'delay'], 'http_500', 'error'],
    [['delay'], 'http_500', undefined],
    [['garbage'], 'broken_answer', 'garbage'],
    [['hang'], 'invoke_timeout', 'hang'],
    [['late', 'delay'], 'invoke_timeout', 'late'],
    [['error', 'delay'], 'invoke_timeout', 'delay'],
    [['somebody-elses'], 'connection_lost', 'somebody-elses'],
    [[], 'connection_lost', undefined],
  ])('is, of %j before %s: %s', (announced, error, expected) => {
    expect(explainingFault(announced, error)).toBe(expected);
  });

  it('is the first one where the worker answered', () => {
    expect(explainingFault(['delay'])).toBe('delay');
    expect(explainingFault(['partial', 'delay'])).toBe('partial');
    expect(explainingFault([])).toBeUndefined();
  });
});
