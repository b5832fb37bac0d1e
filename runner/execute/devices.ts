/**
 * Options by which bubblewrap makes the usual devices, and a place for terminals that is empty and stays so: a machine has
 * so many of them in all, and one program could take them.
 */
export function devicesAt(folder: string): string[] {
  return ['--dev', folder, '--size', '4096', '--tmpfs', `${folder}/pts`, '--remount-ro', `${folder}/pts`];
}
