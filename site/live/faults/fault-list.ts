import { element } from '../element.ts';
import { part } from '../part.ts';
import type { SourcePanel } from '../source-panel.ts';
import type { Fault } from './fault.ts';

/** The errors of the last Run: a sentence for each below the terminals, and marks on lines and tabs. */
export type FaultList = {
  add(faults: Fault[]): void;
  clear(): void;
};

/** The others are marked, and stand in the terminal. */
const MAX_SENTENCES = 4;

/** @param show brings the file with this index to the front */
export function openFaultList(lab: HTMLElement, panels: SourcePanel[], show: (index: number) => void): FaultList {
  const region = part(lab, '.lab-faults', HTMLElement);
  const tabs = [...lab.querySelectorAll<HTMLElement>('.lab-tabs [role=tab]')];
  let faults: Fault[] = [];

  const mark = () => {
    for (const [index, panel] of panels.entries()) {
      const own = faults.filter(({ file }) => file === panel.file);
      tabs[index]?.classList.toggle('lab-tab-faulty', own.length > 0);
    }
    region.replaceChildren(...sentences());
  };
  const gone = (fault: Fault) => {
    faults = faults.filter((other) => other !== fault);
    mark();
  };
  const set = (wanted: Fault[]) => {
    faults = wanted;
    for (const panel of panels) {
      panel.markFaults(
        faults.filter(({ file }) => file === panel.file),
        gone,
      );
    }
    mark();
  };
  const sentences = (): HTMLElement[] => {
    const shown = faults.slice(0, MAX_SENTENCES).map(sentence);
    const others = faults.length - shown.length;
    const rest = others > 0 ? [element('p', '', `${others} more ${others === 1 ? 'line is' : 'lines are'} marked.`)] : [];
    return [...shown, ...rest];
  };
  const sentence = (fault: Fault): HTMLElement => {
    const button = element('button', 'lab-fault-place', `${fault.file}, line ${fault.line}`);
    button.type = 'button';
    button.addEventListener('click', () => {
      const index = panels.findIndex(({ file }) => file === fault.file);
      show(index);
      panels[index]?.goToFault(fault);
    });
    return element('p', '', button, `: ${fault.message}`);
  };

  return {
    add(more) {
      const isNew = ({ file, line }: Fault) => !faults.some((known) => known.file === file && known.line === line);
      const added = more.filter(isNew);
      if (added.length === 0) return;
      set([...faults, ...added]);
      for (const panel of panels) {
        const first = added.find(({ file }) => file === panel.file);
        if (first !== undefined) panel.showFault(first);
      }
    },
    clear() {
      if (faults.length > 0) set([]);
    },
  };
}
