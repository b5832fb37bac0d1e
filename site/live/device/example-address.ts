/** The address in the code that a page shows. */
export type ExampleAddress = {
  /** Puts the address of a real machine in the place of the example. */
  put(host: string, port: number): void;
};

/**
 * @param code the highlighted text of one file
 * @param exampleHost as it stands there, in a string or in a URL
 * @param examplePort as it stands there
 */
export function exampleAddress(code: HTMLElement, exampleHost: string, examplePort: string): ExampleAddress {
  const places: { node: Text; original: string }[] = [];
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Text && (node.data.includes(exampleHost) || node.data.includes(examplePort))) {
      places.push({ node, original: node.data });
    }
  }
  return {
    put(host, port) {
      for (const { node, original } of places) {
        node.data = withAddress(original, { host: exampleHost, port: examplePort }, { host, port: String(port) });
      }
    },
  };
}

type Address = { host: string; port: string };

/** In a URL, an IPv6 address stands in brackets (RFC 3986, section 3.2.2). */
export function withAddress(text: string, example: Address, real: Address): string {
  const inUrl = text.includes('://') && real.host.includes(':');
  return text.replace(example.host, inUrl ? `[${real.host}]` : real.host).replace(example.port, real.port);
}
