/** Opens what a program printed as a link, if it leads to the web, without telling the other page about this one. */
export function openWebLink(text: string): void {
  if (!URL.canParse(text)) return;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return;
  window.open(url, '_blank', 'noopener,noreferrer');
}
