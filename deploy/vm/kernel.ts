import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { debianArchitecture } from '../../image/architecture.ts';
import { privilege } from '../../image/build.ts';
import { imageDir } from '../../image/location.ts';
import { forArchitecture, inNamespaces } from '../../image/mmdebstrap.ts';
import { readRecipe } from '../../image/recipe.ts';
import { execute } from '../execute.ts';

/** Debian's kernel for virtual machines, unpacked: paths of what a machine is made of. */
export type Kernel = {
  /** `6.12.117+deb13-cloud-amd64` */
  release: string;
  /** As a boot loader takes it. */
  file: string;
  modules: string;
  /** A static one, for the first steps of the machine. */
  busybox: string;
};

/**
 * Takes it from Debian once, and again when `renew` says so.
 * @throws Error where Debian has none for this processor, or cannot be reached
 */
export async function getKernel(renew: boolean): Promise<Kernel> {
  const packages = [`linux-image-cloud-${debianArchitecture()}`, 'busybox-static'];
  const { suite } = readRecipe();
  const hash = createHash('sha256')
    .update([suite, ...packages].join())
    .digest('hex')
    .slice(0, 16);
  const folder = join(imageDir(), `kernel-${hash}`);
  if (renew) await rm(folder, { recursive: true, force: true });
  if (!existsSync(folder)) await fetchKernel(folder, suite, packages);
  const file = globSync('boot/vmlinuz-*', { cwd: folder })[0];
  if (file === undefined) throw new Error(`Expected a kernel in ${folder}/boot, found none: "npm run vm -- build --renew"`);
  const release = basename(file).slice('vmlinuz-'.length);
  return {
    release,
    file: join(folder, file),
    modules: join(folder, 'usr/lib/modules', release),
    busybox: join(folder, 'usr/bin/busybox'),
  };
}

export function builtInModules({ modules }: Kernel): string {
  return readFileSync(join(modules, 'modules.builtin'), 'utf8');
}

/** Packages are unpacked and not installed (mmdebstrap(1), variant extract): none of their scripts is executed. */
async function fetchKernel(folder: string, suite: string, packages: string[]): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const tar = join(partial, 'packages.tar');
  const apt = ['--aptopt=APT::Sandbox::User "root"', '--aptopt=Acquire::Retries "3"'];
  const mmdebstrap = ['mmdebstrap', '--mode=root', '--variant=extract', '--format=tar', '--quiet', ...forArchitecture(), ...apt];
  await execute(inNamespaces(privilege, [...mmdebstrap, `--include=${packages.join(',')}`, suite, tar]));
  const wanted = ['./boot/vmlinuz-*', './usr/bin/busybox', './usr/lib/modules'];
  await execute(['tar', '-x', '--no-same-owner', '-f', tar, '-C', partial, '--wildcards', ...wanted]);
  await rm(tar);
  await rename(partial, folder);
}
