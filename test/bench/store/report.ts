/** What was measured as a table, with ratios against the peer and the goals; and as one JSON object, the last line. */
import { rounded } from '../overlay/statistics.ts';
import type { Row } from './row.ts';

export function report(rows: readonly Row[]): void {
  const cells = rows.map(cellsOf);
  const titles = ['figure', 'ours', 'peer', 'ratio', 'goal', ''];
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  console.log('');
  for (const row of [titles, ...cells])
    console.log(
      row
        .map((cell, i) => (i === 0 || i > 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
  console.log(JSON.stringify({ rows: rows.map((row) => ({ ...row, ...verdictOf(row) })) }));
}

function cellsOf(row: Row): string[] {
  const { ratio, met } = verdictOf(row);
  const goal =
    row.ratioMin !== undefined ? `≥ ${row.ratioMin}` : row.oursMax !== undefined ? `≤ ${row.oursMax}` : '';
  return [
    row.peerName === undefined ? row.figure : `${row.figure} (${row.peerName})`,
    String(rounded(row.ours)),
    row.peer === undefined ? '' : String(rounded(row.peer)),
    ratio === undefined ? '' : ratio.toFixed(2),
    goal,
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

function verdictOf({ ours, peer, ratioMin, oursMax }: Row): {
  readonly ratio: number | undefined;
  readonly met: boolean | undefined;
} {
  const ratio = peer === undefined ? undefined : ours / peer;
  if (ratioMin !== undefined) return { ratio, met: ratio !== undefined && ratio >= ratioMin };
  return { ratio, met: oursMax === undefined ? undefined : ours <= oursMax };
}
