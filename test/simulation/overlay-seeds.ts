/** `npm run sim -- overlay-seeds --seeds N [--from S]`: everything together, once for each seed; the last line is one JSON object. */
import { BadArguments, numberOf, parseArguments, type ArgumentKind } from './overlay/arguments.ts';
import { everything, type EverythingFigures } from './overlay/everything.ts';
import { table } from './overlay/figures.ts';

const known: Readonly<Record<string, ArgumentKind>> = {
  seeds: { kind: 'whole', help: 'how many (default 200)' },
  from: { kind: 'whole', help: 'the first one (default 1)' },
};

interface Sums {
  asked: number;
  right: number;
  wrong: number;
  lost: number;
  steps: number;
}

/** One line a seed; whether nothing broke. */
function runSeed(seed: number, sums: Sums): boolean {
  try {
    const done = everything(seed);
    console.log(`seed ${seed}: ${textOf(done)}`);
    sums.asked += done.figures.asked - done.figures.gone - done.figures.alone;
    sums.right += done.figures.right;
    sums.wrong += done.figures.wrong;
    sums.lost += done.figures.lost;
    sums.steps += done.steps;
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error.name === 'InvariantBroken' ? error.message : error.stack;
    console.log(`seed ${seed}: BROKEN ${why}`);
    console.log(`  again: npm run sim -- overlay-seeds --from ${seed} --seeds 1`);
    return false;
  }
}

function textOf({ troubles, figures, peaceSeconds, hash }: EverythingFigures): string {
  const { nodes, malicious, loss, partitions, relaysFail } = troubles;
  return (
    `${nodes} nodes, loss ${loss.toFixed(3)}, liars ${malicious.toFixed(2)}` +
    `${partitions ? ', partitions' : ''}${relaysFail ? ', relays fail' : ''}: ` +
    `${figures.right} right, ${figures.wrong} wrong, ${figures.lost} lost; whole after ${peaceSeconds} s; ${hash}`
  );
}

const given = (() => {
  try {
    return parseArguments(process.argv.slice(2), known);
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    console.error(error.message);
    process.exit(1);
  }
})();
const [first, count] = [numberOf(given, 'from', 1), numberOf(given, 'seeds', 200)];
const started = performance.now();
const sums: Sums = { asked: 0, right: 0, wrong: 0, lost: 0, steps: 0 };
const broken: number[] = [];
for (let seed = first; seed < first + count; seed++) if (!runSeed(seed, sums)) broken.push(seed);
const wallSeconds = Math.round((performance.now() - started) / 100) / 10;
console.log(
  `\n${table([
    ['seeds', count],
    ['broken', broken.length === 0 ? 'none' : broken.join(', ')],
    ['look-ups right / wrong / lost', `${sums.right} / ${sums.wrong} / ${sums.lost}`],
    ['steps of machines', sums.steps],
  ])}\n`,
);
console.log(JSON.stringify({ seeds: count, from: first, broken, ...sums, wallSeconds }));
if (broken.length > 0) process.exitCode = 1;
