/** Which browser the tests drive. */
import { describe, expect, it } from 'vitest';
import { chromiumCandidates, findChromium } from '../../../scripts/find-chromium.mjs';

describe('finding Chromium', () => {
  it('takes the one that is named, and no other', async () => {
    const env = { EPOST_CHROMIUM: '/opt/one', CHROME: '/opt/two', PATH: '/usr/bin' };
    expect(chromiumCandidates(env, 'linux')).toEqual(['/opt/one']);
    expect(await findChromium(env, () => true)).toBe('/opt/one');
    expect(chromiumCandidates({ CHROME: '/opt/two', PATH: '/usr/bin' }, 'linux')).toEqual(['/opt/two']);
  });

  it('says so when the named one does not start', async () => {
    await expect(findChromium({ CHROME: '/opt/two' }, () => false)).rejects.toThrow('/opt/two');
  });

  it('prefers Chromium to Chrome, wherever on the path', async () => {
    const env = { PATH: '/usr/local/bin:/usr/bin' };
    expect(await findChromium(env, (path) => path.startsWith('/usr/bin/'))).toBe('/usr/bin/chromium');
  });

  it('passes over what does not start, such as a script that says how to install it', async () => {
    const env = { PATH: '/usr/bin' };
    const starts = (path: string): boolean => path.endsWith('google-chrome');
    expect(await findChromium(env, starts)).toBe('/usr/bin/google-chrome');
  });

  it('then takes what Playwright downloaded before, else nothing', async () => {
    const downloaded = await findChromium({ PATH: '/usr/bin' }, (path) => !path.startsWith('/usr/bin'));
    expect(downloaded).toBeTypeOf('string');
    expect(await findChromium({ PATH: '' }, () => false)).toBeUndefined();
  });

  it.each([
    ['darwin', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
    ['win32', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
  ])('knows the places of %s', (platform, path) => {
    expect(chromiumCandidates({ PATH: '', PROGRAMFILES: 'C:\\Program Files' }, platform)).toContain(path);
  });
});
