import * as v from 'valibot';

/** Where a middlebox removes TCP option 30: `syn` without ACK, `syn-ack`, `data` is DSS on packets without SYN. */
export const STRIPPED_FROM = ['syn', 'syn-ack', 'data', 'all'] as const;
export type StrippedFrom = (typeof STRIPPED_FROM)[number];

/** The flags of `ip mptcp endpoint` (ip-mptcp(8)), in the order in which it prints them. */
export const ENDPOINT_FLAGS = ['signal', 'subflow', 'backup', 'fullmesh'] as const;
export type EndpointFlag = (typeof ENDPOINT_FLAGS)[number];

/** What a condition's numbers may be; a link without a rate or a delay has `null`. */
export const CONDITION_RANGES = {
  rateKbit: { least: 10, most: 1_000_000, unit: 'kbit/s' },
  delayMs: { least: 1, most: 10_000, unit: 'ms' },
  lossPercent: { least: 0, most: 100, unit: '%' },
  port: { least: 1, most: 65_535, unit: '' },
  /** The kernel's own limit, MPTCP_PM_ADDR_MAX (net/mptcp/protocol.h). */
  subflows: { least: 0, most: 8, unit: 'subflows' },
  addAddrAccepted: { least: 0, most: 8, unit: 'addresses' },
} as const;

const host = v.string();
const link = v.string();
const id = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255));

/**
 * A thing that a learner switches in the lab while programs run. Shapes are checked here; whether the lab has such a link
 * or address, and the ranges, where the lab's present conditions are known (see wanted-conditions.ts). A plain TCP server
 * is no condition of the lab: it is an edit of the program, an experiment of its snippet.
 */
export const conditionSchema = v.variant('kind', [
  /** `ip link set wifi down` on the link's end away from the server: the administrator's down, which the other end sees as a lost carrier. */
  v.strictObject({ kind: v.literal('link-up'), link, up: v.boolean() }),
  /** Of each direction; `null` lifts it. */
  v.strictObject({ kind: v.literal('link-rate'), link, rateKbit: v.nullable(v.number()) }),
  /** Of each direction; `null` takes it away. */
  v.strictObject({ kind: v.literal('link-delay'), link, delayMs: v.nullable(v.number()) }),
  /** Of each direction, at random, in steps of 0.1 %. */
  v.strictObject({ kind: v.literal('link-loss'), link, lossPercent: v.number() }),
  /** `net.mptcp.enabled` on the client: of sockets made from now on. */
  v.strictObject({ kind: v.literal('mptcp-enabled'), enabled: v.boolean() }),
  /** The router removes the options; `null` lets them pass. */
  v.strictObject({ kind: v.literal('options-stripped'), from: v.nullable(v.picklist(STRIPPED_FROM)) }),
  /** The router drops each SYN that has MP_CAPABLE: a blackhole. */
  v.strictObject({ kind: v.literal('syn-dropped'), dropped: v.boolean() }),
  /** The address is one of that host; its link follows from it. The kernel gives the endpoint its number. */
  v.strictObject({
    kind: v.literal('endpoint-add'),
    host,
    address: v.string(),
    port: v.optional(v.nullable(v.number()), null),
    flags: v.pipe(v.array(v.picklist(ENDPOINT_FLAGS)), v.minLength(1), v.maxLength(ENDPOINT_FLAGS.length)),
  }),
  /** What is left out stays. The kernel can change these two flags alone. */
  v.strictObject({
    kind: v.literal('endpoint-change'),
    host,
    id,
    backup: v.optional(v.boolean()),
    fullmesh: v.optional(v.boolean()),
  }),
  v.strictObject({ kind: v.literal('endpoint-remove'), host, id }),
  v.strictObject({ kind: v.literal('limits'), host, subflows: v.number(), addAddrAccepted: v.number() }),
  /** Everything as the topology says, and the kernel's memory of a blackhole is wiped. */
  v.strictObject({ kind: v.literal('reset') }),
]);

export type Condition = v.InferOutput<typeof conditionSchema>;
