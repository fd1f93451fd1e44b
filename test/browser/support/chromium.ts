/** How the tests start Chromium: the same flags in the test runner, in benchmarks and in the script of the screenshots. */

/** Works as root and without a graphics card; nothing leaves the machine but what the page itself sends. */
export const chromiumFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
