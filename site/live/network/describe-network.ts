import { formatRate } from '../verdict/quantity.ts';
import { addressText } from './announced.ts';
import { type FlowLine, isOpen, lookOf } from './flow-line.ts';
import type { Story } from './story.ts';

/** More connections than a listener would follow. */
const MAX_TOLD = 4;

/**
 * The map in words, for who does not see it, a sentence each: "Wi-Fi down." "Connection 0x5f3a91c2 goes on over cellular."
 * A sentence stays the same as long as what it tells does.
 */
export function describeNetwork(story: Story): string[] {
  const connections = [...new Set(story.flows.flatMap(({ token }) => (token === null ? [] : [token])))];
  const told = connections.slice(-MAX_TOLD).map((token) => describeConnection(token, story));
  const untold = connections.length - told.length;
  return [
    ...describeLinks(story),
    ...describeAnnounced(story),
    ...(untold === 0 ? [] : [`${untold} more connection${untold === 1 ? '' : 's'} before.`]),
    ...told,
    ...describePlain(story),
  ];
}

function describeLinks({ topology, conditions }: Story): string[] {
  return (conditions?.links ?? []).flatMap(({ link, near, far, rateKbit, delayMs, lossPercent }) => {
    if (link === 'lan') return [];
    const title = capital(titleOf(topology, link));
    if (!near.adminUp || !far.adminUp) return [`${title} down.`];
    const facts = [
      ...(rateKbit === null ? [] : [formatRate(rateKbit * 1000)]),
      ...(delayMs === null ? [] : [`${delayMs} ms`]),
      ...(lossPercent === 0 ? [] : [`loses ${lossPercent} %`]),
    ];
    return [`${[`${title} up`, ...facts].join(', ')}.`];
  });
}

function describeAnnounced({ announced }: Story): string[] {
  return announced.map(({ host, address, port, withdrawn }) => {
    const text = addressText(address, port);
    return withdrawn ? `The ${host} took ${text} back.` : `The ${host} announced ${text}.`;
  });
}

function describeConnection(token: string, { topology, conditions, flows }: Story): string {
  const own = flows.filter((line) => line.token === token && line.state !== 'closed' && line.link !== null);
  const name = `Connection 0x${token}`;
  if (own.length === 0) return `${name} is closed.`;
  const isDown = ({ link }: FlowLine) =>
    conditions?.links.some((found) => found.link === link && !(found.near.adminUp && found.far.adminUp)) ?? false;
  const over = (lines: FlowLine[]) => linksOf(lines, topology);

  const used = own.filter((line) => lookOf(line) === 'established' && !isDown(line));
  const waiting = own.filter((line) => lookOf(line) === 'backup' && !isDown(line));
  const lost = own.filter((line) => line.state === 'stale' || (isOpen(line) && isDown(line)));
  const joining = own.filter(({ state }) => state === 'joining');
  const goesOn = lost.length > 0 || flows.some((line) => line.token === token && line.state === 'closed');
  const verb = goesOn ? 'goes on' : 'goes';

  if (used.length === 0 && waiting.length === 0 && lost.length === 0) return `${name} begins over ${over(joining)}.`;
  const main =
    used.length > 0
      ? `${verb} over ${over(used)}`
      : waiting.length > 0
        ? `${verb} over ${over(waiting)}, the backup`
        : `stands still: nobody answers over ${over(lost)}`;
  const rest = [
    ...(used.length > 0 && waiting.length > 0 ? [`${over(waiting)} is the backup`] : []),
    ...stalePart(lost, used.length + waiting.length > 0, topology),
    ...(joining.length > 0 ? [`a subflow joins over ${over(joining)}`] : []),
  ];
  return `${name} ${[main, ...rest].join('; ')}.`;
}

/** That a link is down is told before. */
function stalePart(lost: FlowLine[], goesElsewhere: boolean, topology: Story['topology']): string[] {
  const stale = lost.filter(({ state }) => state === 'stale');
  if (stale.length === 0 || !goesElsewhere) return [];
  return [`the ${stale.length === 1 ? 'subflow' : 'subflows'} over ${linksOf(stale, topology)} ${isAre(stale.length)} stale`];
}

function describePlain({ topology, flows }: Story): string[] {
  const plain = flows.filter(({ state, link }) => state === 'plain' && link !== null);
  return plain.length === 0 ? [] : [`Plain TCP goes over ${linksOf(plain, topology, 'connections')}.`];
}

/** "Wi-Fi and cellular"; with several flows on one link, how many. */
function linksOf(lines: FlowLine[], topology: Story['topology'], several = 'subflows'): string {
  const links = topology.links.map(({ name }) => name).filter((name) => lines.some(({ link }) => link === name));
  return links
    .map((link) => {
      const count = lines.filter((line) => line.link === link).length;
      return `${titleOf(topology, link)}${count === 1 ? '' : ` (${count} ${several})`}`;
    })
    .join(' and ');
}

function titleOf(topology: Story['topology'], name: string): string {
  return topology.links.find((link) => link.name === name)?.title ?? name;
}

const isAre = (count: number) => (count === 1 ? 'is' : 'are');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
