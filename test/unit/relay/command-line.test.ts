/** The operator's commands. */
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../relay/src/command-line.ts';
import { ConfigError } from '../../../relay/src/config.ts';

describe('the command line', () => {
  it.each([
    [[], { name: 'start' }],
    [['start'], { name: 'start' }],
    [['--help'], { name: 'help' }],
    [['invite'], { name: 'invite', uses: 1, days: 7 }],
    [['verify'], { name: 'verify', json: false }],
    [['verify', '--json'], { name: 'verify', json: true }],
    [['invite', '--uses', '20', '--days=30'], { name: 'invite', uses: 20, days: 30 }],
  ])('reads %j', (args, command) => expect(parseCommand(args)).toEqual(command));

  it.each([
    [['stop'], /^stop is not a command/],
    [['start', '--port', '1'], /--port/],
    [['invite', '--uses', '0'], /^--uses must be/],
    [['invite', '--days', 'x'], /^--days must be/],
    [['invite', 'bob'], /bob/],
    [['verify', '--all'], /--all/],
  ])('refuses %j', (args, sentence) => {
    expect(() => parseCommand(args)).toThrow(ConfigError);
    expect(() => parseCommand(args)).toThrow(sentence);
  });
});
