/** Reads what vitest and Playwright report (their JSON reporters) and counts it per suite. */

/**
 * @typedef {{ passed: number, failed: number, ms: number }} Counts a skipped test counts as failed: it proves nothing
 * @typedef {{ status: string }} VitestTest
 * @typedef {{ name: string, status: string, startTime: number, endTime: number, assertionResults: VitestTest[] }} VitestFile
 * @typedef {{ tests?: { status: string, results: { duration: number }[] }[] }} PlaywrightSpec
 * @typedef {{ specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 */

/**
 * Counts per folder under `test/`. A file that does not load counts as one failed test.
 * @param {{ testResults: VitestFile[] }} report
 * @returns {Map<string, Counts>}
 */
export function vitestCounts(report) {
  const suites = new Map();
  for (const file of report.testResults) {
    const suite = /[\\/]test[\\/]([^\\/]+)[\\/]/.exec(file.name)?.[1] ?? 'other';
    const counts = suites.get(suite) ?? { passed: 0, failed: 0, ms: 0 };
    const passed = file.assertionResults.filter(({ status }) => status === 'passed').length;
    const failed = file.assertionResults.length - passed;
    counts.passed += passed;
    counts.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
    counts.ms += Math.max(0, file.endTime - file.startTime);
    suites.set(suite, counts);
  }
  return suites;
}

/**
 * Errors outside of tests (a file that does not load) count as failed tests.
 * @param {{ suites?: PlaywrightSuite[], errors?: unknown[] }} report
 * @returns {Counts}
 */
export function playwrightCounts(report) {
  const counts = { passed: 0, failed: report.errors?.length ?? 0, ms: 0 };
  /** @param {PlaywrightSuite} suite */
  const visit = (suite) => {
    for (const test of (suite.specs ?? []).flatMap(({ tests }) => tests ?? [])) {
      if (test.status === 'expected') counts.passed++;
      else counts.failed++;
      for (const { duration } of test.results) counts.ms += duration;
    }
    suite.suites?.forEach(visit);
  };
  report.suites?.forEach(visit);
  return counts;
}

/**
 * A table of suites, and as its last line `N passed, N failed` over all of them.
 * @param {ReadonlyMap<string, Counts>} suites
 */
export function summary(suites) {
  const width = Math.max(5, ...[...suites.keys()].map((name) => name.length));
  const row = (/** @type {string[]} */ [name = '', ...cells]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  const lines = [row(['suite', 'passed', 'failed', 'seconds'])];
  let passed = 0;
  let failed = 0;
  for (const [name, counts] of suites) {
    lines.push(row([name, `${counts.passed}`, `${counts.failed}`, (counts.ms / 1000).toFixed(1)]));
    passed += counts.passed;
    failed += counts.failed;
  }
  return `${lines.join('\n')}\n\n${passed} passed, ${failed} failed`;
}
