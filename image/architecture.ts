/** As Debian calls them, by the name that Node has for them. */
const DEBIAN: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Those that another machine can make images for (emulation.ts). */
const EMULATED: NodeJS.Architecture[] = ['arm64'];

/**
 * The processor that the image and the virtual machine are made for: the one that ARCHITECTURE names, `arm64` or `amd64`, else
 * this machine's.
 * @throws Error when no image for it can be made here
 */
export function architecture(
  wanted: string | undefined = process.env['ARCHITECTURE'],
  here: NodeJS.Architecture = process.arch,
): NodeJS.Architecture {
  if (!wanted) return here;
  const known = [here, ...EMULATED.filter((name) => name !== here)];
  const found = known.find((name) => [name, DEBIAN[name]].includes(wanted));
  if (found !== undefined) return found;
  throw new Error(`ARCHITECTURE: expected ${known.map((name) => DEBIAN[name] ?? name).join(' or ')}, found ${wanted}`);
}

/** Whether its programs are another processor's than this machine's. */
export function isForeign(): boolean {
  return architecture() !== process.arch;
}

/** @throws Error where the project knows of no such port of Debian */
export function debianArchitecture(): string {
  const name = DEBIAN[architecture()];
  if (name === undefined) throw new Error(`Expected a processor of x86_64 or arm64, found ${architecture()}`);
  return name;
}
