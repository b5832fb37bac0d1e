/** Calls back when the browser has a network again, and when the page is looked at again. Returns the undo. */
export function onWake(act: () => void): () => void {
  const living = new AbortController();
  const { signal } = living;
  window.addEventListener('online', act, { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && act(), { signal });
  return () => living.abort();
}
