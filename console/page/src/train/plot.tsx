// Curves over minutes, the value on a logarithmic axis, several side by side.
import { useState } from "preact/hooks";

export interface Curve {
  name: string;
  line: [x: number, y: number][];
  dots: [x: number, y: number][]; // measured now and then: drawn as dots
}

const WIDTH = 760, HEIGHT = 380, LEFT = 64, RIGHT = 16, TOP = 14, BOTTOM = 48;
const COLOURS = 6; // in style/base.css
const colour = (curve: number) => `var(--curve-${curve % COLOURS})`;

/** The values at which an axis has a line: 1, 2 and 5 times powers of ten between two values. */
function logTicks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const digit of [1, 2, 3, 5, 7]) found.push(digit * 10 ** power);
  const within = found.filter((value) => value >= low && value <= high);
  return within.length > 2 ? within : linearTicks(high, high - low).filter((value) => value >= low);
}

function linearTicks(high: number, span = high): number[] {
  const rough = span / 5, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((digit) => digit * power).find((value) => value >= rough)!;
  return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => i * step);
}

export function Plot({ curves, x, y }: { curves: Curve[]; x: string; y: string }) {
  const [at, setAt] = useState<number | null>(null);
  const all = curves.flatMap((curve) => [...curve.line, ...curve.dots]).filter(([, value]) => value > 0);
  if (!all.length) return <p class="quiet empty">A curve grows here as soon as a training has made its first steps.</p>;
  const low = Math.min(...all.map(([, value]) => value)) / 1.08, high = Math.max(...all.map(([, value]) => value)) * 1.08;
  const most = Math.max(...all.map(([value]) => value), 1 / 60);
  const px = (value: number) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const py = (value: number) => TOP + (Math.log(high / Math.max(value, low)) / Math.log(high / low)) * (HEIGHT - TOP - BOTTOM);
  const point = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const value = (((event.clientX - left) / width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    setAt(value >= 0 && value <= 1 ? value * most : null);
  };
  return (
    <figure class="losses">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${y} over ${x}: ${curves.map(last).join("; ")}`} onPointerMove={point} onPointerLeave={() => setAt(null)}>
        {logTicks(low, high).map((value) => (
          <g key={value}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={py(value)} y2={py(value)} />
            <text x={LEFT - 8} y={py(value) + 5} text-anchor="end">{Number(value.toPrecision(3))}</text>
          </g>
        ))}
        {linearTicks(most).map((value) => (
          <g key={value}>
            <line class="grid" x1={px(value)} x2={px(value)} y1={TOP} y2={HEIGHT - BOTTOM} />
            <text x={px(value)} y={HEIGHT - BOTTOM + 20} text-anchor="middle">{Number(value.toPrecision(3))}</text>
          </g>
        ))}
        <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">{x}</text>
        {curves.map((curve, i) => (
          <g key={curve.name} style={{ color: colour(i) }}>
            <polyline class="curve" points={curve.line.map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`).join(" ")} />
            {curve.dots.map(([a, b]) => <circle key={a} class="dot-mark" cx={px(a)} cy={py(b)} r={4} />)}
          </g>
        ))}
        {at !== null && <line class="cursor" x1={px(at)} x2={px(at)} y1={TOP} y2={HEIGHT - BOTTOM} />}
      </svg>
      <figcaption>
        {curves.map((curve, i) => (
          <span key={curve.name}>
            <i class="swatch" style={{ background: colour(i) }} /> {curve.name} {at === null ? "" : near(curve, at)}
          </span>
        ))}
        <span class="quiet">{y}</span>
      </figcaption>
    </figure>
  );
}

const last = (curve: Curve) => `${curve.name} ends at ${curve.line.length ? curve.line[curve.line.length - 1][1].toPrecision(3) : "nothing yet"}`;

function near(curve: Curve, at: number): string {
  const found = curve.line.reduce<[number, number] | null>((best, each) => (!best || Math.abs(each[0] - at) < Math.abs(best[0] - at) ? each : best), null);
  return found ? found[1].toPrecision(3) : "";
}
