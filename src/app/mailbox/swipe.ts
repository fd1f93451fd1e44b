/** A row that a finger draws aside: far enough, and it is acted upon. */
import type { Attachment } from 'svelte/attachments';

export interface SwipeActs {
  /** Towards the beginning of the line. */
  readonly toStart: () => void;
  readonly toEnd: () => void;
}

/** Before this many CSS pixels it may as well be a scroll. */
const SLOP_PX = 12;
/** From here on letting go acts. */
const ACT_PX = 96;

export function swipe(acts: SwipeActs): Attachment<HTMLElement> {
  return (element) => {
    let start: { readonly x: number; readonly y: number; readonly pointer: number } | undefined;
    let drawn = 0;

    const draw = (px: number): void => {
      drawn = px;
      element.style.translate = px === 0 ? '' : `${px}px 0`;
      element.toggleAttribute('data-acts', Math.abs(px) >= ACT_PX);
    };
    const end = (): void => {
      start = undefined;
      draw(0);
    };
    const onpointerdown = (event: PointerEvent): void => {
      if (event.pointerType === 'touch' && event.isPrimary)
        start = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
    };
    const onpointermove = (event: PointerEvent): void => {
      if (start?.pointer !== event.pointerId) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      if (drawn === 0 && Math.abs(x) < SLOP_PX) return;
      if (drawn === 0 && Math.abs(y) > Math.abs(x)) return void (start = undefined);
      if (drawn === 0) element.setPointerCapture(event.pointerId);
      draw(x);
    };
    const onpointerup = (event: PointerEvent): void => {
      if (start?.pointer !== event.pointerId) return;
      const px = drawn;
      end();
      if (Math.abs(px) < ACT_PX) return;
      const isRtl = getComputedStyle(element).direction === 'rtl';
      if (px < 0 === !isRtl) acts.toStart();
      else acts.toEnd();
    };
    // What was drawn aside was not meant to be opened.
    const onclick = (event: MouseEvent): void => {
      if (drawn === 0) return;
      event.preventDefault();
      event.stopPropagation();
    };

    element.addEventListener('pointerdown', onpointerdown);
    element.addEventListener('pointermove', onpointermove);
    element.addEventListener('pointerup', onpointerup);
    element.addEventListener('pointercancel', end);
    element.addEventListener('click', onclick, true);
    return () => {
      element.removeEventListener('pointerdown', onpointerdown);
      element.removeEventListener('pointermove', onpointermove);
      element.removeEventListener('pointerup', onpointerup);
      element.removeEventListener('pointercancel', end);
      element.removeEventListener('click', onclick, true);
    };
  };
}
