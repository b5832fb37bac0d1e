import { type EvidenceLine, observed, packetOf, whereToLook } from '../../../protocol/evidence-line.ts';
import { copyText } from '../clipboard.ts';
import { element } from '../element.ts';

/** The evidence that decided a verdict, in the order of the argument, each piece with the command that shows it elsewhere. */
export function becauseView(lines: EvidenceLine[]): HTMLElement {
  const list = element('ol', 'because', ...lines.map(lineView));
  list.setAttribute('aria-label', 'Evidence for this verdict');
  return list;
}

function lineView(line: EvidenceLine): HTMLElement {
  const { hosts, command } = whereToLook(line);
  return element(
    'li',
    '',
    element('p', 'because-says', line.says),
    element('p', 'because-seen', element('code', '', observed(line)), ...packetWords(line)),
    element(
      'p',
      'because-look',
      element('span', '', `On your own ${hosts.join(' and ')}: `),
      element('code', '', command),
      copyButton(command),
    ),
  );
}

function packetWords(line: EvidenceLine): (HTMLElement | string)[] {
  const mark = packetOf(line);
  if (mark === null) return [];
  return [element('span', '', `In the packets: ${mark.packet} ${mark.isThere ? 'with' : 'without'} ${mark.option}`)];
}

function copyButton(command: string): HTMLElement {
  const button = element('button', 'because-copy', 'Copy');
  button.type = 'button';
  button.setAttribute('aria-label', `Copy ${command}`);
  button.addEventListener('click', () => {
    copyText(command).then((copied) => {
      button.textContent = copied ? 'Copied' : 'Copy';
    }, console.error);
  });
  return button;
}
