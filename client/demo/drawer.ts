// The side of the page: beside the text where there is room, else a drawer over it.
import { element } from '../parts/page.ts';

export function bindDrawer(): void {
  const side = element('#side', HTMLElement);
  const wide = matchMedia('(min-width: 56rem)');
  const settle = (): void => {
    // As a popover it closes by Escape or a click elsewhere, and gives the focus back.
    side.popover = wide.matches ? null : 'auto';
  };
  const close = (): void => {
    if (side.popover !== null) side.hidePopover();
  };
  wide.addEventListener('change', settle);
  settle();
  side.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a')) close();
  });
  // What has the focus must not lie below the drawer.
  side.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !side.contains(relatedTarget)) close();
  });
}
