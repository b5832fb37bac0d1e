import { type DeviceState, parseDeviceSighting, parseDeviceState } from '../../../protocol/device.ts';
import { element } from '../element.ts';
import type { JoinBox } from '../join/join-box.ts';
import { fetchRunnerStatus } from '../session/runner-status.ts';
import { runnerUrl } from '../session/session-url.ts';
import type { ExampleAddress } from './example-address.ts';
import { offeredHosts } from './offered-hosts.ts';
import { openSightingsView } from './sightings-view.ts';

/** A page that waits for a device. */
export type DeviceWatch = { close(): void };

export type DeviceWatchPlace = {
  state: HTMLElement;
  sightings: HTMLElement;
  joinBox: JoinBox;
  address: ExampleAddress;
  base: string;
  /** Which of the two services the code speaks with. */
  service: string;
  /** There is nothing to wait for, or no longer. */
  over(): void;
};

/** How often a runner that is not there yet is asked again. */
const ASK_AGAIN_MS = 2_000;

export function openDeviceWatch(place: DeviceWatchPlace): DeviceWatch {
  const view = openSightingsView(place.sightings);
  let events: EventSource | null = null;
  let again: number | undefined;
  let closed = false;

  const say = (...content: Node[]) => place.state.replaceChildren(...content);
  const sayAndEnd = (...words: (string | Node)[]) => {
    say(element('p', '', ...words));
    place.over();
  };
  const askLater = (words: string) => {
    say(element('p', 'device-waiting', words));
    again = window.setTimeout(ask, ASK_AGAIN_MS);
  };

  const ask = async () => {
    const state = await fetchState(place.base);
    if (closed) return;
    if (state === null) {
      return sayAndEnd(
        'This page has no runner behind it. In a clone of the project, ',
        command(),
        ' starts one that is open to devices.',
      );
    }
    switch (state.state) {
      case 'off':
        return sayAndEnd('This runner is not open to devices. Its operator opens it by ', command(), '.');
      case 'failed':
        return askLater(`${state.message} This page looks again every two seconds.`);
      case 'starting':
        return askLater('The runner is about to open the service: its image is being made.');
      case 'on':
        return (await fetchRunnerStatus(place.base))?.join === 'code-wanted' ? askForCode() : watch(state);
    }
  };

  const askForCode = () => {
    if (closed) return;
    say();
    place.joinBox.ask(() => void ask());
  };

  const watch = (state: Extract<DeviceState, { state: 'on' }>) => {
    const port = place.service === 'http' ? state.httpPort : state.helloPort;
    const [host, ...others] = offeredHosts(location.hostname, state.addresses);
    if (host === undefined) return sayAndEnd('The machine of this runner has no address that a device could reach.');
    place.address.put(host, port);
    const waiting = element(
      'p',
      'device-waiting',
      'Waiting for a connection. The code above has the address now: copy it, and run it.',
    );
    const further = others.length > 0 ? [element('p', '', `Should that not be reached: ${others.join(', ')}.`)] : [];
    say(addressView(host, port), ...further, waiting);

    events = new EventSource(runnerUrl('api/devices/events', place.base, location.href));
    let earlier = true;
    // The runner ends what it knew from before with an event of its own.
    events.addEventListener('live', () => {
      earlier = false;
    });
    events.addEventListener('message', (event: MessageEvent<unknown>) => {
      const sighting = parseDeviceSighting(String(event.data));
      if (sighting === null) return;
      view.show(sighting, earlier);
      if (!earlier) waiting.textContent = 'Waiting for the next one.';
    });
    events.addEventListener('error', () => {
      earlier = true;
      // The browser tries again by itself, unless the answer was no stream.
      if (events?.readyState === EventSource.CLOSED) sayAndEnd('The runner does not answer any more. Try again in a moment.');
    });
  };
  void ask();

  return {
    close() {
      closed = true;
      place.joinBox.dispose();
      clearTimeout(again);
      events?.close();
      place.state.querySelector('.device-waiting')?.remove();
    },
  };
}

const command = () => element('code', '', 'DEVICES=1 npm start');

/** `null` where no runner answers. */
async function fetchState(base: string): Promise<DeviceState | null> {
  try {
    const response = await fetch(runnerUrl('api/devices', base, location.href));
    return response.ok ? parseDeviceState(await response.json()) : null;
  } catch {
    return null;
  }
}

function addressView(host: string, port: number): HTMLElement {
  const entry = (term: string, value: string) => element('div', '', element('dt', '', term), element('dd', '', value));
  return element('dl', 'device-address', entry('Address', host), entry('Port', String(port)));
}
