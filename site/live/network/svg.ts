const SVG = 'http://www.w3.org/2000/svg';

/** An element of a drawing. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  made.append(...children);
  return made;
}

/** A part of a drawing that came with the page. */
export function svgPart<Part extends SVGElement>(root: ParentNode, selector: string, kind: new () => Part): Part {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`Expected ${kind.name} at "${selector}" in the lab, found ${found?.tagName ?? 'nothing'}`);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
