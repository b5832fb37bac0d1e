import type { DeviceSighting } from '../../../protocol/device.ts';
import { element } from '../element.ts';
import { formatBytes } from '../verdict/quantity.ts';

/** The list of connections, latest first. It shows the runner's verdict, word for word; nothing is concluded here. */
export type SightingsView = {
  /** @param earlier it came before this page waited */
  show(sighting: DeviceSighting, earlier: boolean): void;
};

/** More would be a log. */
const MAX_SHOWN = 8;

export function openSightingsView(list: HTMLElement): SightingsView {
  const entries = new Map<string, HTMLElement>();
  list.replaceChildren();
  list.hidden = true;
  return {
    show(sighting, earlier) {
      // After a restart the runner counts from 1 again.
      const key = `${sighting.at} ${sighting.connection.id}`;
      const known = entries.get(key);
      // A stream that is opened again tells once more what this page saw come.
      const entry = entryOf(sighting, known === undefined ? earlier : known.dataset['earlier'] === 'true');
      if (known === undefined) list.prepend(entry);
      else known.replaceWith(entry);
      entries.set(key, entry);
      list.hidden = false;
      for (const [old, { isConnected }] of entries) {
        if (!isConnected) entries.delete(old);
      }
      while (list.childElementCount > MAX_SHOWN) list.lastElementChild?.remove();
    },
  };
}

function entryOf({ at, open, connection, verdict }: DeviceSighting, earlier: boolean): HTMLElement {
  const headline = element('strong', '', verdict.headline);
  if (earlier) headline.append(element('span', 'device-earlier', 'earlier'));
  const sentences = [verdict.explanation, verdict.remedy].filter((text) => text !== '').map((text) => element('p', '', text));
  const { peer, port, service, received, sent, subflows } = connection;
  const facts = [
    `${new Date(at).toLocaleTimeString()}, ${peer} port ${port}, ${service} service, ${open ? 'open' : 'closed'}`,
    `${formatBytes(received)} received, ${formatBytes(sent)} sent`,
    ...(subflows.length > 1
      ? subflows.map(({ remote, remotePort }, index) => `subflow ${index + 1}: ${remote} port ${remotePort}`)
      : []),
  ];
  const entry = element('li', '', headline, ...sentences, ...facts.map((fact) => element('div', 'device-from', fact)));
  entry.dataset['kind'] = verdict.kind;
  entry.dataset['earlier'] = String(earlier);
  return entry;
}
