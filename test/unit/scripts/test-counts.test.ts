/** How the results of vitest and Playwright are counted. */
import { describe, expect, it } from 'vitest';
import { playwrightCounts, summary, vitestCounts } from '../../../scripts/test-counts.mjs';

describe('counts of vitest', () => {
  const file = (name: string, statuses: string[], status = 'passed') => ({
    name,
    status,
    startTime: 100,
    endTime: 150,
    assertionResults: statuses.map((one) => ({ status: one })),
  });

  it('adds up per folder', () => {
    const counts = vitestCounts({
      testResults: [
        file('/x/test/unit/a.test.ts', ['passed', 'passed']),
        file('/x/test/unit/deep/b.test.ts', ['passed', 'failed'], 'failed'),
        file('/x/test/fuzz/c.test.ts', ['passed']),
      ],
    });
    expect(counts.get('unit')).toEqual({ passed: 3, failed: 1, ms: 100 });
    expect(counts.get('fuzz')).toEqual({ passed: 1, failed: 0, ms: 50 });
  });

  it('counts a file that does not load, and a skipped test, as failed', () => {
    const counts = vitestCounts({
      testResults: [
        file('/x/test/unit/a.test.ts', [], 'failed'),
        file('/x/test/fuzz/b.test.ts', ['skipped']),
      ],
    });
    expect(counts.get('unit')).toMatchObject({ passed: 0, failed: 1 });
    expect(counts.get('fuzz')).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('counts of Playwright', () => {
  const spec = (status: string) => ({ tests: [{ status, results: [{ duration: 10 }] }] });

  it('adds up nested suites', () => {
    const suites = [
      { specs: [spec('expected')], suites: [{ specs: [spec('unexpected'), spec('expected')] }] },
    ];
    expect(playwrightCounts({ suites, errors: [] })).toEqual({ passed: 2, failed: 1, ms: 30 });
  });

  it('counts skipped and flaky tests, and errors outside of tests, as failed', () => {
    const suites = [{ specs: [spec('skipped'), spec('flaky')] }];
    expect(playwrightCounts({ suites, errors: [{}] })).toEqual({ passed: 0, failed: 3, ms: 20 });
  });
});

describe('summary', () => {
  it('ends with the sum over all suites', () => {
    const text = summary(
      new Map([
        ['unit', { passed: 10, failed: 1, ms: 1234 }],
        ['browser', { passed: 5, failed: 0, ms: 60_000 }],
      ]),
    );
    expect(text.split('\n').at(-1)).toBe('15 passed, 1 failed');
    expect(text).toMatch(/unit +10 +1 +1\.2\n/);
  });
});
