/**
 * Scrolls a box, and nothing around it, so that a line in it is seen; one that is seen already stays where it is.
 *
 * @param top where the line starts in what the box holds, in CSS pixels
 */
export function bringLineIntoSight(box: HTMLElement, top: number, height: number): void {
  if (top >= box.scrollTop && top + height <= box.scrollTop + box.clientHeight) return;
  box.scrollTop = top + height / 2 - box.clientHeight / 2;
}
