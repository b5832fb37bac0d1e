import type { Condition } from '../../../protocol/condition.ts';
import { part } from '../part.ts';
import { activateTabs } from '../tabs.ts';
import { openAnnouncedView } from './announced-view.ts';
import { openCommandsView } from './commands-view.ts';
import { openConditionsView } from './conditions-view.ts';
import { openEventsView } from './events-view.ts';
import { openFlowsView } from './flows-view.ts';
import { openMapView } from './map-view.ts';
import { openPacketsTab, type PacketsTab } from './packets-tab.ts';
import { openSpokenView } from './spoken-view.ts';
import { newStory, type Story } from './story.ts';
import { openSwitches } from './switches-view.ts';
import { openThroughputView } from './throughput-view.ts';
import { openToolsTab, type ToolsTab } from './tools-tab.ts';

/** The network of a lab in the page: it shows a story of it, and tells which condition the visitor wants. */
export type NetworkView = {
  /** `whole` is what the story comes to, where that is known: it is drawn to the scale of it. */
  show(story: Story, whole?: Story): void;
  packets: Pick<PacketsTab, 'hear' | 'take' | 'look' | 'clear'>;
  tools: Pick<ToolsTab, 'show'>;
  dispose(): void;
};

/** What the visitor wants of the network. */
export type NetworkWishes = { change(condition: Condition): void; wantPackets(): void; wantToolTexts(): void };

export function openNetworkView(section: HTMLElement, { change, wantPackets, wantToolTexts }: NetworkWishes): NetworkView {
  const living = new AbortController();
  const panelOf = (name: string) => part(section, `[data-panel=${name}]`, HTMLElement);
  const map = openMapView(part(section, '.network-map', HTMLElement));
  const views = [
    map,
    openFlowsView(part(section, '.network-flows', HTMLElement)),
    openAnnouncedView(part(section, '.announced-client', HTMLElement), part(section, '.announced-server', HTMLElement)),
    openSpokenView(part(section, '.network-said', HTMLElement)),
    openSwitches(part(section, '.network-switches', HTMLElement), change, living.signal),
    openEventsView(panelOf('events')),
    openThroughputView(panelOf('throughput'), living.signal),
    openConditionsView(panelOf('conditions'), change),
    openCommandsView(panelOf('commands')),
  ];
  const packets = openPacketsTab(section, wantPackets, map.seeOnWire);
  const tools = openToolsTab(section, wantToolTexts);
  const panels = [...section.querySelectorAll<HTMLElement>('[role=tabpanel]')];
  activateTabs(
    part(section, '[role=tablist]', HTMLElement),
    (shown) => {
      for (const [index, panel] of panels.entries()) panel.hidden = index !== shown;
      tell();
      packets.show(panels[shown]?.dataset['panel'] === 'packets');
      tools.open(panels[shown]?.dataset['panel'] === 'sockets');
    },
    living.signal,
  );

  let story: Story = newStory();
  let scale: Story | undefined;
  let frame = 0;
  const show = () => {
    frame = 0;
    for (const view of views) view.show(story, scale);
  };
  const tell = () => {
    // Many events may come at once; the eye sees one picture a frame.
    if (frame === 0) frame = requestAnimationFrame(show);
  };

  return {
    show(next, whole) {
      if (next === story && whole === scale) return;
      story = next;
      scale = whole;
      tell();
    },
    packets,
    tools,
    dispose() {
      living.abort();
      packets.clear();
      cancelAnimationFrame(frame);
      story = newStory();
      scale = undefined;
      show();
    },
  };
}
