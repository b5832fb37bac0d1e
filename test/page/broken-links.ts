/** A page of the site as links can lead to it. */
type Target = { status: number; ids: Set<string>; links: string[] };

/**
 * Follows every link and asset of the pages that stays on the site.
 *
 * @param site address of the site with its base path, ending in a slash
 * @returns one line for each that leads nowhere, out of the base path, or to an anchor that is not there
 */
export async function brokenLinks(site: string, pages: string[]): Promise<string[]> {
  const targets = new Map<string, Promise<Target>>();
  const targetOf = (url: string): Promise<Target> => {
    const known = targets.get(url) ?? load(url);
    targets.set(url, known);
    return known;
  };

  const broken: string[] = [];
  for (const page of pages) {
    const { links } = await targetOf(new URL(page, site).href);
    for (const link of links) {
      const url = new URL(link, new URL(page, site));
      if (url.origin !== new URL(site).origin) continue;
      const anchor = decodeURIComponent(url.hash.slice(1));
      url.hash = '';
      const target = await targetOf(url.href);
      if (!url.href.startsWith(site)) broken.push(`/${page}: ${link} is outside of ${site}`);
      else if (target.status !== 200) broken.push(`/${page}: ${link} answers ${target.status}`);
      else if (anchor && !target.ids.has(anchor)) broken.push(`/${page}: ${link} has no such anchor`);
    }
  }
  return broken;
}

async function load(url: string): Promise<Target> {
  const response = await fetch(url);
  const text = /html|css/.test(response.headers.get('content-type') ?? '') ? await response.text() : '';
  return {
    status: response.status,
    ids: new Set([...text.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1] ?? '')),
    links: [...text.matchAll(/\s(?:href|src)="([^"]+)"|url\("?([^")]+)"?\)/g)]
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((link) => !link.startsWith('data:')),
  };
}
