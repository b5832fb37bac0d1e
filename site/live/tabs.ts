/**
 * Keyboard and pointer for a server-rendered list of tabs (ARIA Authoring Practices, "Tabs with automatic activation"):
 * one stop for the Tab key, arrows, Home and End move between the tabs and show what they name.
 *
 * @param shown called with the index of the tab that is now selected
 * @returns selects a tab, as a click would
 */
export function activateTabs(list: HTMLElement, shown: (index: number) => void, signal: AbortSignal): (index: number) => void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const select = (index: number) => {
    for (const [position, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(position === index));
      tab.tabIndex = position === index ? 0 : -1;
    }
    shown(index);
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => select(index), { signal });
    tab.addEventListener(
      'keydown',
      (event) => {
        const next = tabAfterKey(event.key, index, tabs.length);
        if (next === null) return;
        event.preventDefault();
        select(next);
        tabs[next]?.focus();
      },
      { signal },
    );
  }
  return select;
}

function tabAfterKey(key: string, index: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (index + 1) % count;
    case 'ArrowLeft':
      return (index + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
