import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { CHARTED_TITLES, type Charted, type Throughput } from './throughput.ts';

/** Something that happened, as a mark on the time axis. */
export type Mark = { seconds: number; text: string; color: string };

/** The drawing alone: a line for each link and one for both, with a crosshair. */
export type ThroughputChart = {
  /** `scale` is the whole of which `throughput` is a part: the axes are made for it. */
  draw(throughput: Throughput, marks: Mark[], scale: Throughput): void;
  /** Puts the crosshair on an entry, or takes it away. */
  point(index: number | null): void;
  dispose(): void;
};

const HEIGHT_PX = 176;
const MARK_PX = 7;
/** The chart is at least so wide and so high, so that a short or idle run does not fill it. */
const LEAST_SECONDS = 2;
const LEAST_MBIT = 1;
const LINES: { name: Charted; color: string; width: number }[] = [
  { name: 'together', color: '--soft', width: 1.5 },
  { name: 'wifi', color: '--wifi', width: 2 },
  { name: 'cellular', color: '--cellular', width: 2 },
];

/** @param pointed told the entry under the crosshair, `null` when there is none */
export function openThroughputChart(frame: HTMLElement, pointed: (index: number | null) => void): ThroughputChart {
  /** To ask for one makes the browser work out all styles, and a chart is drawn ten times a second. */
  const colors = new Map<string, string>();
  const color = (name: string) => {
    const known = colors.get(name) ?? getComputedStyle(frame).getPropertyValue(name).trim();
    colors.set(name, known);
    return known;
  };
  const font = () => `12px ${color('--sans')}`;
  let marks: Mark[] = [];
  let extent = { seconds: 0, mbit: 0 };

  const drawMarks = ({ ctx, bbox, valToPos }: uPlot) => {
    const scale = devicePixelRatio;
    ctx.save();
    for (const mark of marks) {
      const x = Math.round(valToPos(mark.seconds, 'x', true));
      const bottom = bbox.top + bbox.height;
      ctx.strokeStyle = color(mark.color);
      ctx.fillStyle = color(mark.color);
      ctx.lineWidth = scale;
      ctx.setLineDash([2 * scale, 4 * scale]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x, bottom);
      ctx.lineTo(x - (MARK_PX / 2) * scale, bottom + MARK_PX * scale);
      ctx.lineTo(x + (MARK_PX / 2) * scale, bottom + MARK_PX * scale);
      ctx.fill();
    }
    ctx.restore();
  };

  const plot = new uPlot(
    {
      width: Math.max(frame.clientWidth, 1),
      height: HEIGHT_PX,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: () => [0, Math.max(LEAST_SECONDS, extent.seconds)] },
        y: { range: () => [0, Math.max(LEAST_MBIT, extent.mbit * 1.05)] },
      },
      axes: [
        {
          stroke: () => color('--soft'),
          font: font(),
          size: 30,
          gap: 8,
          grid: { show: false },
          ticks: { show: false },
          values: (_, times) => times.map((time) => `${time} s`),
        },
        {
          stroke: () => color('--soft'),
          font: font(),
          size: 34,
          gap: 6,
          grid: { stroke: () => color('--line'), width: 1 },
          ticks: { show: false },
        },
      ],
      series: [
        {},
        ...LINES.map(({ name, color: stroke, width }) => ({
          label: CHARTED_TITLES[name],
          stroke: () => color(stroke),
          width,
          points: { show: false },
        })),
      ],
      hooks: { draw: [drawMarks], setCursor: [({ cursor }) => pointed(cursor.idx ?? null)] },
    },
    [[], ...LINES.map(() => [])],
    frame,
  );

  // Hidden, it has no width; the theme changes colors that are painted already.
  const sized = new ResizeObserver(() => {
    if (frame.clientWidth > 0) plot.setSize({ width: frame.clientWidth, height: HEIGHT_PX });
  });
  sized.observe(frame);
  const themed = new MutationObserver(() => {
    colors.clear();
    plot.redraw(false, true);
  });
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });

  return {
    draw({ seconds, rates }, now, scale) {
      marks = now;
      const highest = LINES.flatMap(({ name }) => scale.rates[name]).reduce((most, rate) => Math.max(most, rate), 0);
      extent = { seconds: scale.seconds.at(-1) ?? 0, mbit: highest / 1e6 };
      plot.setData([seconds, ...LINES.map(({ name }) => rates[name].map((rate) => rate / 1e6))]);
    },
    point(index) {
      const seconds = index === null ? undefined : plot.data[0][index];
      plot.setCursor(seconds === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(seconds, 'x'), top: 0 });
    },
    dispose() {
      sized.disconnect();
      themed.disconnect();
      plot.destroy();
    },
  };
}
