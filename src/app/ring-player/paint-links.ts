/** The links, on a sheet of their own: painted again only when they have changed. */
import { bendOf } from './layout.ts';
import { endsOf } from './ring-state.ts';
import type { Scene } from './scene.ts';

/** More would be a grey disc: of more links a fixed share is drawn, always the same ones. */
export const LINKS_DRAWN_MAX = 3_000;
/** While it plays, the sheet is at most so old. */
const SHEET_MS = 150;

/** How strong links are while one looks at some of them, or at a look-up. */
const BEHIND = 0.4;

/** The share of links that is drawn: 1, 1/2, 1/4 … */
export function shareDrawn(links: number): number {
  return links <= LINKS_DRAWN_MAX ? 1 : 2 ** -Math.ceil(Math.log2(links / LINKS_DRAWN_MAX));
}

export class LinkSheet {
  readonly #sheet = document.createElement('canvas');
  /** What the sheet shows. */
  #shown = '';
  #paintedAt = -Infinity;

  /** `at`: milliseconds of any clock that goes on. */
  paint(scene: Scene, at: number): void {
    const { context, size } = scene;
    const pixels = context.canvas.width;
    const shown = [
      scene.player.trace.seed,
      scene.state.version,
      pixels,
      scene.inks.ink,
      ...scene.radii.values(),
    ].join();
    const resting = !scene.player.playing || at - this.#paintedAt >= SHEET_MS;
    if (shown !== this.#shown && (resting || this.#sheet.width !== pixels)) {
      this.#draw(scene, pixels);
      this.#shown = shown;
      this.#paintedAt = at;
    }
    context.globalAlpha =
      scene.player.followed === undefined && scene.player.chosen === undefined ? 1 : BEHIND;
    context.drawImage(this.#sheet, 0, 0, size, size);
    context.globalAlpha = 1;
  }

  #draw(scene: Scene, pixels: number): void {
    const { state, inks, size } = scene;
    this.#sheet.width = pixels;
    this.#sheet.height = pixels;
    const sheet = this.#sheet.getContext('2d')!;
    sheet.scale(pixels / size, pixels / size);
    const every = Math.round(1 / shareDrawn(state.links.size));
    const open = new Path2D();
    const silent = new Path2D();
    let [drawn, drawnSilent] = [0, 0];
    for (const link of state.links) {
      if (every > 1 && mixed(link) % every !== 0) continue;
      const [a, b] = endsOf(state.trace, link);
      const reaches = state.reaches(a, b);
      if (reaches) drawn++;
      else drawnSilent++;
      addChord(reaches ? open : silent, scene, a, b);
    }
    // Thinner where there is less room.
    sheet.lineWidth = Math.max(0.5, Math.min(1, size / 700));
    sheet.globalAlpha = strength(drawn);
    sheet.strokeStyle = inks.quiet;
    sheet.stroke(open);
    sheet.globalAlpha = strength(drawnSilent);
    sheet.strokeStyle = inks.danger;
    sheet.setLineDash([2, 5]);
    sheet.stroke(silent);
  }
}

/** Many lines together are dark enough. */
function strength(lines: number): number {
  return Math.max(0.1, Math.min(0.5, 6 / Math.sqrt(lines + 1)));
}

export function addChord(path: Path2D | CanvasRenderingContext2D, scene: Scene, a: number, b: number): void {
  const [from, to] = [scene.points[a]!, scene.points[b]!];
  const bend = bendOf(from, to, scene.c);
  path.moveTo(from.x, from.y);
  path.quadraticCurveTo(bend.x, bend.y, to.x, to.y);
}

/** Spreads numbers, so that the links that are left out lie everywhere. */
function mixed(link: number): number {
  let hash = Math.imul(link ^ (link >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
