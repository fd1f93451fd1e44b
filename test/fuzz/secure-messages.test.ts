/** The decoders of secure routing, and its machine, against random bytes, changed messages and whatever peers name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import type { Id } from '../../src/core/codec/id.ts';
import { forwardRequest } from '../../src/core/overlay/secure/forward.ts';
import {
  ROUTES_MAX,
  SecureLookup,
  type SecureLookupEvent,
} from '../../src/core/overlay/secure/secure-lookup.ts';
import { nearestAnswer, nearestRequest } from '../../src/core/overlay/secure/statements.ts';
import { secureMessages } from '../vectors/secure-formats.ts';
import { anyBytes, mutated } from './mutations.ts';

const codecs = [nearestRequest, nearestAnswer, forwardRequest];

describe.each(codecs)('$name', (codec) => {
  test('random bytes are refused', () => {
    fc.assert(fc.property(anyBytes, (bytes) => void expect(codec.decode(bytes).ok).toBe(false)));
  });

  test('a changed message is refused, or is another message of the only encoding that there is', () => {
    const valid = Object.values(secureMessages).filter((bytes) => codec.decode(bytes).ok);
    expect(valid.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(mutated(valid), (bytes) => {
        const decoded = codec.decode(bytes);
        if (decoded.ok) expect(codec.encode(decoded.value as never)).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('whatever nodes say, a look-up asks a bounded number of questions and ends in its time', () => {
  const random = new SeededRandom('fuzz');
  const ids = Array.from({ length: 60 }, () => random.bytes(32) as Id);
  const id = fc.constantFrom(...ids);
  const statement = fc.record({ nodeId: id, nearest: fc.uniqueArray(id, { maxLength: 16 }) });
  const said = fc.oneof(
    { weight: 4, arbitrary: fc.array(statement, { minLength: 1, maxLength: 17 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const timeoutMs = 30_000;
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 40 }), fc.nat(400), (answers, passMs) => {
      const machine = new SecureLookup({
        key: ids[0]!,
        firstHops: ids.slice(1, 20),
        spacing: 1 / 1_000,
        timeoutMs,
      });
      const open: number[] = [];
      let [now, ended, asked] = [0, false, 0];
      const step = (event: SecureLookupEvent): void => {
        for (const effect of machine.step(event, now))
          if (effect.type === 'ask') {
            open.push(effect.route);
            asked++;
          } else if (effect.type === 'complete') ended = true;
      };
      step({ type: 'begin' });
      for (let i = 0; !ended && now <= timeoutMs; i++) {
        now += passMs;
        const route = open.shift();
        const statements = answers[i % answers.length];
        if (route === undefined) now += 1_000;
        step(
          route === undefined
            ? { type: 'timer' }
            : statements
              ? { type: 'answer', route, statements }
              : { type: 'failure', route },
        );
      }
      expect(ended).toBe(true);
      expect(asked).toBeLessThanOrEqual(ROUTES_MAX);
    }),
    { numRuns: 200 },
  );
});
