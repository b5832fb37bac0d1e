import { LAB_DEVICES, LAB_IMAGE } from '../lab/holder.ts';
import type { Lab } from '../lab/lab.ts';
import type { WorkDir } from '../lab/work-dirs.ts';
import { BEGIN_PROGRAM, PTY_STEPS_FD } from '../run/run.ts';
import type { SandboxPlaces } from '../sandbox/command.ts';

/** Where a sandbox that is started by pty-steps in a lab finds what it shows. */
export function sandboxPlaces(lab: Lab, workDir: WorkDir, cache?: string): SandboxPlaces {
  return {
    ...{ image: LAB_IMAGE, devices: LAB_DEVICES, workDir, cache },
    ...{ filterFd: PTY_STEPS_FD, startFd: lab.startFd, beginProgram: BEGIN_PROGRAM },
  };
}
