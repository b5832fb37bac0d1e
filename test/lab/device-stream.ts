import { type DeviceSighting, parseDeviceSighting } from '../../protocol/device.ts';

/** A page without a browser that watches for devices: the real stream of a real runner. */
export type DeviceStream = AsyncDisposable & {
  /** Each one as it is known now. */
  all(): DeviceSighting[];
  /** Resolves with the first one, past or future, for which the condition holds. */
  until(what: string, holds: (sighting: DeviceSighting) => boolean): Promise<DeviceSighting>;
};

const WAIT_MS = 15_000;

export async function watchDevices(address: string): Promise<DeviceStream> {
  const leave = new AbortController();
  const response = await fetch(new URL('api/devices/events', address), { signal: leave.signal });
  const { body } = response;
  if (response.status !== 200 || body === null) throw new Error(`Expected a stream of events, found ${response.status}`);
  const known = new Map<number, DeviceSighting>();
  const heard: DeviceSighting[] = [];
  const watchers = new Set<() => void>();

  const reading = (async () => {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events.filter((line) => line.startsWith('data: '))) {
        const sighting = parseDeviceSighting(event.slice('data: '.length));
        if (sighting === null) throw new Error(`Not a sighting: ${event}`);
        known.set(sighting.connection.id, sighting);
        heard.push(sighting);
      }
      for (const watcher of watchers) watcher();
    }
  })().catch((error: unknown) => {
    if (!leave.signal.aborted) throw error;
  });

  return {
    all: () => [...known.values()],
    until(what, holds) {
      const { promise, resolve, reject } = Promise.withResolvers<DeviceSighting>();
      const timer = setTimeout(
        () => reject(new Error(`Waited ${WAIT_MS} ms for ${what}; saw ${JSON.stringify(heard.slice(-4))}`)),
        WAIT_MS,
      );
      const look = () => {
        const found = heard.find(holds);
        if (found !== undefined) resolve(found);
      };
      watchers.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    },
    async [Symbol.asyncDispose]() {
      leave.abort();
      await reading;
    },
  };
}
