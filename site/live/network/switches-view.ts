import type { Condition } from '../../../protocol/condition.ts';
import type { Conditions } from '../../../protocol/conditions.ts';
import { part } from '../part.ts';
import type { Story } from './story.ts';

/** The buttons below the map: what most people want to break first. Each one is on or off as the kernel says it is. */
export function openSwitches(group: HTMLElement, change: (condition: Condition) => void, signal: AbortSignal) {
  let conditions: Conditions | null = null;
  const buttons = Object.fromEntries(
    Object.keys(SWITCHES).map((name) => [name, part(group, `[data-condition=${name}]`, HTMLButtonElement)]),
  );
  for (const [name, { of, wanted }] of Object.entries(SWITCHES)) {
    const press = () => change(wanted(conditions !== null && of(conditions)));
    buttons[name]?.addEventListener('click', press, { signal });
  }
  const reset = part(group, '[data-condition=reset]', HTMLButtonElement);
  reset.addEventListener(
    'click',
    () => {
      change({ kind: 'reset' });
      // The button goes with what it undoes; the focus must not fall off the page.
      buttons['wifi']?.focus();
    },
    { signal },
  );

  return {
    show(story: Story) {
      conditions = story.conditions;
      for (const [name, { of, titles }] of Object.entries(SWITCHES)) {
        const button = buttons[name];
        const isOn = conditions !== null && of(conditions);
        const title = titles[isOn ? 1 : 0];
        if (button === undefined || button.textContent === title) continue;
        button.textContent = title ?? '';
        button.setAttribute('aria-pressed', String(isOn));
      }
      reset.hidden = story.commands.length === 0;
    },
  };
}

type Switch = { titles: [string, string]; of(now: Conditions): boolean; wanted(isOn: boolean): Condition };

const SWITCHES: Record<string, Switch> = {
  wifi: linkSwitch('wifi', 'Wi-Fi'),
  cellular: linkSwitch('cellular', 'cellular'),
  strip: {
    titles: ['Strip MPTCP options', 'Let MPTCP options pass'],
    of: ({ stripped }) => stripped !== null,
    wanted: (isOn) => ({ kind: 'options-stripped', from: isOn ? null : 'all' }),
  },
  mptcp: {
    titles: ['Switch MPTCP off', 'Switch MPTCP on'],
    of: ({ mptcpEnabled }) => !mptcpEnabled.client,
    wanted: (isOn) => ({ kind: 'mptcp-enabled', enabled: isOn }),
  },
};

function linkSwitch(link: 'wifi' | 'cellular', title: string): Switch {
  return {
    titles: [`Cut ${title}`, `Mend ${title}`],
    of: ({ links }) => links.some((found) => found.link === link && !found.near.adminUp),
    wanted: (isOn) => ({ kind: 'link-up', link, up: isOn }),
  };
}
