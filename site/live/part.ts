/**
 * The one element of the server-rendered lab that the selector names.
 *
 * @throws Error when it is not there: the component and this code have gone apart
 */
export function part<Kind extends HTMLElement>(root: ParentNode, selector: string, kind: new () => Kind): Kind {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`Expected ${kind.name} at "${selector}" in the lab, found ${found?.tagName ?? 'nothing'}`);
}
