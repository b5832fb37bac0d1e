import type { RunnerEvent } from '../../../protocol/message.ts';

type CaptureState = Extract<RunnerEvent, { type: 'capture' }>;

/**
 * What is not in the list of packets, and why; empty when nothing is missing.
 *
 * @param dropped what the page itself had no room for
 */
export function missingWords(
  capture: CaptureState | null,
  packets: { control: boolean }[],
  dropped: { control: number; data: number },
): string {
  const sentences: string[] = [];
  const { byKernel = 0, byRecording = 0 } = capture?.lost ?? {};
  if (byKernel > 0) {
    sentences.push(
      `The kernel dropped ${inWords(byKernel)} that nobody had read yet, since the machine was too busy: the list has gaps.`,
    );
  }
  if (capture?.failed) sentences.push('The capture ended by a fault; the next run starts it again.');
  if (capture?.limitReached) {
    const { control } = capture.limits;
    sentences.push(`The capture ended at ${control} packets that begin or end something; the next run starts it again.`);
  }
  const data = packets.filter(({ control }) => !control).length + dropped.data;
  // A look at data that a run did not use up goes on in the next one.
  if (capture !== null && data > capture.limits.data / 2) {
    sentences.push(`Of data, and what acknowledges it, at most the first ${capture.limits.data} packets of a run are captured.`);
  }
  if (byRecording > 0) sentences.push(`A recording has little room: ${inWords(byRecording)} of this run found none.`);
  const lost = dropped.control + dropped.data;
  if (lost > 0) sentences.push(`${lost} more packets came than this list can show.`);
  return sentences.join(' ');
}

const inWords = (count: number) => (count === 1 ? 'one packet' : `${count} packets`);
