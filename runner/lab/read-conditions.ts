import * as v from 'valibot';
import { ENDPOINT_FLAGS, STRIPPED_FROM } from '../../protocol/condition.ts';
import type { Conditions, EndpointNow, LinkConditions, LinkEndState, Unavailable } from '../../protocol/conditions.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import { BLACKHOLE, LOSS, STRIP } from '../../protocol/router-tables.ts';
import type { Link, LinkEnd, PathManagerLimits, Topology } from '../../protocol/topology.ts';

/** What is asked of a host. `ip mptcp limits` has no JSON (iproute2 6.15). */
const PARTS = {
  link: 'ip -json link',
  qdisc: 'tc -json qdisc',
  tables: 'nft --json list ruleset',
  endpoints: 'ip -json mptcp endpoint',
  limits: 'ip mptcp limits',
  enabled: 'cat /proc/sys/net/mptcp/enabled',
} as const;

type Part = keyof typeof PARTS;

const ASKED = {
  client: ['link', 'qdisc', 'endpoints', 'limits', 'enabled'],
  router: ['link', 'qdisc', 'tables'],
  server: ['link', 'endpoints', 'limits', 'enabled'],
} as const satisfies Record<string, Part[]>;

/** A script for the lab's shell: each answer after a line `@ HOST PART`. */
export const READ_CONDITIONS = Object.entries(ASKED)
  .map(([host, parts]) => {
    const lines = parts.map((part) => `echo "@ ${host} ${part}"; ${PARTS[part]}; echo`);
    return `nsenter --net=/run/netns/${host} sh -ec '${lines.join('; ')}'`;
  })
  .join('\n');

/** The output of READ_CONDITIONS. Throws when a tool said something else than expected, with its words. */
export function parseConditions(text: string, topology: Topology, unavailable: Unavailable): Conditions {
  const answers = new Map(
    text
      .split(/^@ /m)
      .slice(1)
      .map((answer): [string, string] => {
        const newline = answer.indexOf('\n');
        return [answer.slice(0, newline), answer.slice(newline + 1).trim()];
      }),
  );
  const answer = (host: string, part: Part): string => answers.get(`${host} ${part}`) ?? '';
  const read = <Schema extends v.GenericSchema>(host: string, part: Part, schema: Schema): v.InferOutput<Schema> => {
    const json = answer(host, part);
    const result = v.safeParse(schema, json === '' ? [] : JSON.parse(json));
    if (result.success) return result.output;
    throw new Error(`${PARTS[part]} on ${host}: ${v.summarize(result.issues)}, in ${json.slice(0, 500)}`);
  };

  const interfaces = {
    client: read('client', 'link', linksSchema),
    router: read('router', 'link', linksSchema),
    server: read('server', 'link', linksSchema),
  };
  const qdiscs = { client: read('client', 'qdisc', qdiscsSchema), router: read('router', 'qdisc', qdiscsSchema), server: [] };
  const { nftables } = read('router', 'tables', rulesetSchema);
  const tables = nftables.flatMap(({ table }) => (table === undefined ? [] : [table.name]));
  const rules = nftables.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));

  const stateOf = (end: LinkEnd): LinkEndState => {
    const found = interfaces[end.host].find(({ ifname }) => ifname === end.interface);
    return {
      adminUp: found?.flags.includes('UP') ?? false,
      carrier: found?.flags.includes('LOWER_UP') ?? false,
      operstate: (found?.operstate ?? 'notpresent').toLowerCase(),
    };
  };
  const linkConditions = ({ name, near, far }: Link): LinkConditions => ({
    link: name,
    near: stateOf(near),
    far: stateOf(far),
    ...shapeOf(qdiscs[near.host].filter(({ dev }) => dev === near.interface)),
    lossPercent: lossOf(rules.find(({ table }) => table === `${LOSS}${name}`)),
  });

  return {
    links: topology.links.map(linkConditions),
    mptcpEnabled: { client: answer('client', 'enabled') === '1', server: answer('server', 'enabled') === '1' },
    stripped: STRIPPED_FROM.find((from) => tables.includes(`${STRIP}${from}`)) ?? null,
    synDropped: tables.includes(BLACKHOLE),
    endpoints: RUN_HOSTS.flatMap((host) =>
      read(host, 'endpoints', endpointsSchema).map((found) => endpointOf(host, found, topology)),
    ),
    limits: RUN_HOSTS.map((host) => limitsOf(host, answer(host, 'limits'))),
    unavailable,
  };
}

const linksSchema = v.array(v.object({ ifname: v.string(), flags: v.array(v.string()), operstate: v.string() }));

const qdiscsSchema = v.array(
  v.object({
    kind: v.string(),
    dev: v.string(),
    options: v.object({
      /** tbf: bytes a second. */
      rate: v.optional(v.unknown()),
      /** netem: seconds. */
      delay: v.optional(v.object({ delay: v.number() })),
    }),
  }),
);

type Qdiscs = v.InferOutput<typeof qdiscsSchema>;

function shapeOf(qdiscs: Qdiscs): { rateKbit: number | null; delayMs: number | null } {
  const rate = qdiscs.find(({ kind }) => kind === 'tbf')?.options.rate;
  const delay = qdiscs.find(({ kind }) => kind === 'netem')?.options.delay?.delay;
  return {
    rateKbit: typeof rate === 'number' ? Math.round((rate * 8) / 1000) : null,
    delayMs: delay === undefined ? null : Math.round(delay * 1000),
  };
}

const ruleSchema = v.object({ table: v.string(), expr: v.array(v.record(v.string(), v.unknown())) });

const rulesetSchema = v.object({
  nftables: v.array(v.object({ table: v.optional(v.object({ name: v.string() })), rule: v.optional(ruleSchema) })),
});

/** `{ match: { op: '<', left: { numgen: ... mod: 1000 }, right: 50 } }` before the drop; without it everything is dropped. */
const drawSchema = v.object({
  match: v.object({ op: v.literal('<'), left: v.object({ numgen: v.object({ mod: v.number() }) }), right: v.number() }),
});

function lossOf(rule: v.InferOutput<typeof ruleSchema> | undefined): number {
  if (rule === undefined) return 0;
  const draw = rule.expr.map((expression) => v.safeParse(drawSchema, expression)).find(({ success }) => success);
  if (draw?.success !== true) return 100;
  const { left, right } = draw.output.match;
  return (100 * right) / left.numgen.mod;
}

const endpointsSchema = v.array(
  v.object({
    address: v.string(),
    id: v.number(),
    port: v.optional(v.number()),
    dev: v.optional(v.string()),
    signal: v.optional(v.boolean()),
    subflow: v.optional(v.boolean()),
    backup: v.optional(v.boolean()),
    fullmesh: v.optional(v.boolean()),
  }),
);

function endpointOf(host: RunHost, found: v.InferOutput<typeof endpointsSchema>[number], topology: Topology): EndpointNow {
  const link = topology.links.find(({ near, far }) =>
    [near, far].some((end) => end.host === host && end.interface === found.dev),
  );
  return {
    host,
    id: found.id,
    address: found.address,
    port: found.port ?? null,
    link: link?.name ?? null,
    flags: ENDPOINT_FLAGS.filter((flag) => found[flag] === true),
  };
}

/** `add_addr_accepted 1 subflows 2` */
function limitsOf(host: RunHost, text: string): PathManagerLimits {
  const numberOf = (name: string) => Number(new RegExp(`\\b${name} (\\d+)`).exec(text)?.[1] ?? Number.NaN);
  const limits = { host, subflows: numberOf('subflows'), addAddrAccepted: numberOf('add_addr_accepted') };
  if (Number.isNaN(limits.subflows + limits.addAddrAccepted)) throw new Error(`${PARTS.limits} on ${host}: found "${text}"`);
  return limits;
}
