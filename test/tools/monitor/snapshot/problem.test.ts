import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../../../tools/monitor/snapshot/problem.js';

describe('what a stack says of its troubles', () => {
  it('can do nothing to a terminal', () => {
    expect(describeProblem(new Error('bad\u001b]0;pwned\u0007\u001b[2J\nnext'))).toBe('bad]0;pwned[2J next');
  });

  it('is said in our words where we have some', () => {
    const refused = describeProblem(
      new Error(
        'the access key is not that of this run: stackAccessKeyId in supervisor.json of the data folder',
      ),
    );
    expect(refused).toMatch(/access key.*--data/);
    expect(refused.length).toBeLessThan(45); // all of it beside the longest state in 80 columns
    expect(describeProblem(new Error('connect ECONNREFUSED 127.0.0.1:1'))).toMatch(/nobody listens/);
  });
});
