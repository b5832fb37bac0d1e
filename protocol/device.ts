import * as v from 'valibot';

/** The two services that a runner offers to devices outside of its labs, when its operator switched them on. */
export const DEVICE_SERVICES = ['hello', 'http'] as const;
export type DeviceService = (typeof DEVICE_SERVICES)[number];

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const port = v.pipe(count, v.maxValue(65_535));
/** As the kernel prints it: no character that a page or a log would have to be careful with. */
const address = v.pipe(v.string(), v.regex(/^[0-9a-f:.]{2,45}$/, 'an IP address'));

/** One TCP flow of a connection, as the service's kernel sees it. */
const flow = v.strictObject({ local: address, localPort: port, remote: address, remotePort: port });

/** What the kernel of the service says about one connection that came from outside; `null` where it does not say. */
export const deviceConnectionSchema = v.strictObject({
  /** Counts up from 1 as long as the service runs. */
  id: v.pipe(count, v.minValue(1)),
  service: v.picklist(DEVICE_SERVICES),
  peer: address,
  port,
  /** The address of this machine that the peer reached. */
  local: address,
  openMs: count,
  /** Bytes of the application, not of packets. */
  received: count,
  sent: count,
  /** Lines or HTTP requests that were answered. */
  requests: count,
  /** SO_PROTOCOL (socket(7)): 262 or 6. An accepted socket is plain TCP from the start, or Multipath TCP, perhaps fallen back. */
  protocol: v.number(),
  /** TCP_IS_MPTCP (linux/tcp.h, since Linux 6.10). */
  isMptcp: v.nullable(v.boolean()),
  /** MPTCP_INFO_FLAG_FALLBACK of MPTCP_INFO, or that this option is refused (linux/mptcp.h). */
  fallback: v.nullable(v.boolean()),
  /** Smoothed round trip time of TCP_INFO, in microseconds; 0 is not known. */
  rttUs: count,
  /** All that were there at some time (MPTCP_SUBFLOW_ADDRS, since Linux 5.16); the first of them began the connection. */
  subflows: v.array(flow),
  /**
   * How many of `among` new plain connections had lost their options by the third packet of the handshake
   * (MPCapableFallbackACK of net/mptcp/mib.c). The counter is the whole machine's: at least so many, and at most.
   */
  strippedAcks: v.optional(v.strictObject({ least: count, most: count, among: count })),
});
export type DeviceConnection = v.InferOutput<typeof deviceConnectionSchema>;

const deviceVerdictSchema = v.strictObject({
  kind: v.picklist(['multipath', 'fallback', 'plain-tcp', 'unknown']),
  headline: v.string(),
  explanation: v.string(),
  /** Empty where nothing needs to be changed. */
  remedy: v.string(),
});

/** What the evidence about a connection from outside means (device-verdict.ts). */
export type DeviceVerdict = v.InferOutput<typeof deviceVerdictSchema>;

const sightingSchema = v.object({
  /** When it came, in milliseconds since 1970. */
  at: count,
  open: v.boolean(),
  connection: deviceConnectionSchema,
  verdict: deviceVerdictSchema,
});

/** A connection from outside as pages get it: again whenever something of it changed, under the same id. */
export type DeviceSighting = v.InferOutput<typeof sightingSchema>;

/** The body of `GET /api/devices`. */
export type DeviceState =
  | { state: 'off' }
  /** On, but not there yet: the image is being made. */
  | { state: 'starting' }
  | { state: 'on'; addresses: string[]; helloPort: number; httpPort: number }
  | { state: 'failed'; message: string };

const deviceStateSchema: v.GenericSchema<unknown, DeviceState> = v.variant('state', [
  v.object({ state: v.literal('off') }),
  v.object({ state: v.literal('starting') }),
  v.object({ state: v.literal('on'), addresses: v.array(address), helloPort: port, httpPort: port }),
  v.object({ state: v.literal('failed'), message: v.string() }),
]);

/** `null` for what is no such answer: something else is at that address. */
export function parseDeviceState(input: unknown): DeviceState | null {
  const result = v.safeParse(deviceStateSchema, input);
  return result.success ? result.output : null;
}

/** Reads one event of `GET /api/devices/events`; `null` for text that is none. */
export function parseDeviceSighting(text: string): DeviceSighting | null {
  try {
    const result = v.safeParse(sightingSchema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
