// What an episode's joints were told and what they did, one below the other on the time axis of its pictures.
import { useMemo, useRef } from "preact/hooks";
import type { Episode } from "../base/types";

const WIDTH = 600, HEIGHT = 46, POINTS = 300;

export function Plots({ episode, atS, onSeek }: { episode: Episode; atS: number; onSeek: (seconds: number) => void }) {
  const box = useRef<HTMLDivElement>(null), frames = episode.state.length, lastsS = frames / episode.fps;
  const lines = useMemo(() => episode.names.map((_, joint) => draw(episode, joint)), [episode]);
  const seek = (event: PointerEvent) => {
    const { left, width } = box.current!.querySelector("svg")!.getBoundingClientRect();
    onSeek(Math.max(0, Math.min(1, (event.clientX - left) / width)) * lastsS);
  };
  const now = Math.min(frames - 1, Math.max(0, Math.round(atS * episode.fps))), x = (atS / lastsS) * WIDTH;
  return (
    <div
      ref={box} class="plots" aria-label="Joints over time"
      onPointerDown={(event) => (box.current!.setPointerCapture(event.pointerId), seek(event))}
      onPointerMove={(event) => event.buttons && seek(event)}
    >
      <p class="legend"><i class="did" /> where it was <i class="told" /> where it was told to go</p>
      {episode.names.map((name, joint) => (
        <div class="plot" key={name}>
          <span>{name.replace(/\.pos$/, "").replace(/_/g, " ")}</span>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name}: ${lines[joint].low} to ${lines[joint].high}`}>
            <polyline class="told" points={lines[joint].told} />
            <polyline class="did" points={lines[joint].did} />
            <line class="cursor" x1={x} x2={x} y1={0} y2={HEIGHT} />
          </svg>
          <span class="number">{episode.state[now]?.[joint]?.toFixed(1) ?? "–"}</span>
        </div>
      ))}
    </div>
  );
}

interface Lines {
  did: string;
  told: string;
  low: number;
  high: number;
}

function draw({ state, action }: Episode, joint: number): Lines {
  const values = [...state, ...action].map((row) => row[joint]).filter((value): value is number => value !== null && value !== undefined);
  const low = Math.min(...values), high = Math.max(...values, low + 1), every = Math.max(1, Math.floor(state.length / POINTS));
  const points = (rows: (number | null)[][]) =>
    rows
      .map((row, i) => [i, row[joint]] as const)
      .filter(([i, value]) => value !== null && value !== undefined && (i % every === 0 || i === rows.length - 1))
      .map(([i, value]) => `${((i / Math.max(1, rows.length)) * WIDTH).toFixed(1)},${(HEIGHT - 3 - ((value! - low) / (high - low)) * (HEIGHT - 6)).toFixed(1)}`)
      .join(" ");
  return { did: points(state), told: points(action), low, high };
}
