/**
 * Where one of the WebSockets of this page's runner would be: the site is served by it, at the base path that the site was
 * built for.
 *
 * @param path as in protocol/resume.ts
 * @param base as Astro has it, with or without a slash at its end: `/`, `/hello-mptcp`
 * @param page the address of the page
 */
export function sessionUrl(path: string, base: string, page: string): URL {
  const url = runnerUrl(path, base, page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/** The address of one of the runner's own resources, such as `api/status`. */
export function runnerUrl(resource: string, base: string, page: string): URL {
  return new URL(base.replace(/\/*$/, '/') + resource, page);
}
