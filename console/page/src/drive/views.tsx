// What is to be seen: the cameras, the arm in 3-D, its joints.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, link } from "../base/link";
import { driveInput } from "./input";
import { Stage } from "./scene";
import { JOINTS, type About, type Geom, type News, type Picture } from "../base/types";

const STALE_S = 0.5;

export function Cameras({ about }: { about: About }) {
  if (about.cameras.length === 0) return <p class="panel quiet">This arm has no camera: name them in armchair.toml to see its pictures here.</p>;
  return (
    <div class="cameras">
      {about.cameras.map((name) => (
        <Camera key={name} name={name} />
      ))}
    </div>
  );
}

function Camera({ name }: { name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [fact, setFact] = useState({ ageS: NaN, hz: 0 });
  useEffect(() => {
    let last: Picture | null = null, count = 0, since = performance.now();
    const off = link.onPicture.add((picture) => {
      if (picture.camera !== name || !canvas.current) return;
      const { bitmap } = picture, { current } = canvas;
      if (current.width !== bitmap.width || current.height !== bitmap.height) [current.width, current.height] = [bitmap.width, bitmap.height];
      current.getContext("2d")!.drawImage(bitmap, 0, 0);
      bitmap.close();
      [last, count] = [picture, count + 1];
    });
    const timer = setInterval(() => {
      const now = performance.now();
      setFact({ ageS: last ? last.ageS + (now - last.cameAt) / 1000 : NaN, hz: (count * 1000) / (now - since) });
      [count, since] = [0, now];
    }, 500);
    return () => (off(), clearInterval(timer));
  }, [name]);
  const waits = Number.isNaN(fact.ageS), stale = fact.ageS > STALE_S;
  return (
    <figure class={`panel camera ${stale ? "stale" : ""}`}>
      <canvas ref={canvas} width={640} height={480} role="img" aria-label={`Picture of the camera ${name}`} />
      <figcaption>
        <b>{name}</b>
        <span data-age={waits ? "" : fact.ageS.toFixed(3)}>
          {waits ? "no picture yet" : stale ? `stands still: ${fact.ageS.toFixed(1)} s old` : `${fact.hz.toFixed(0)} fps · ${Math.round(fact.ageS * 1000)} ms old`}
        </span>
      </figcaption>
    </figure>
  );
}

export function View3D() {
  const canvas = useRef<HTMLCanvasElement>(null), stage = useRef<Stage | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let scene = NaN;
    try {
      stage.current = new Stage(canvas.current!);
    } catch {
      setTrouble("This browser draws no 3-D (WebGL is off).");
      return;
    }
    const eye = () => stage.current!.eye();
    driveInput.view = eye;
    const build = async () => {
      const found = await get<{ bodies: string[]; geoms: Geom[] }>("/api/stage");
      stage.current?.build(found.bodies.length, found.geoms);
    };
    const off = link.onNews.add((news) => {
      if (news.shown_scene !== scene) {
        scene = news.shown_scene; // other colours
        build().catch(() => (scene = NaN));
      }
      stage.current?.pose(news.poses);
    });
    const size = new ResizeObserver(([entry]) => stage.current?.size(entry.contentRect.width, entry.contentRect.height));
    size.observe(canvas.current!.parentElement!);
    return () => {
      off();
      size.disconnect();
      stage.current?.close();
      if (driveInput.view === eye) driveInput.view = null;
    };
  }, []);
  return (
    <section class="panel stage" aria-label="The arm in 3-D">
      {trouble && <p class="quiet">{trouble}</p>}
      <div class="fill">
        <canvas ref={canvas} tabIndex={0} role="img" aria-label="The arm and its table in 3-D. Drag to turn, or press Shift and an arrow." />
      </div>
      <button class="corner" onClick={() => stage.current?.reset()}>
        Reset view
      </button>
    </section>
  );
}

export function Joints({ news }: { news: News }) {
  const { state, sent, low, high, servos } = news.arm;
  return (
    <section class="panel joints" aria-label="Joints" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Joint</th>
            <th scope="col" class="wide">Where it is between its limits</th>
            <th scope="col">At</th>
            <th scope="col">Load</th>
            <th scope="col">Heat</th>
            <th scope="col">Power</th>
          </tr>
        </thead>
        <tbody>
          {JOINTS.map((joint, i) => {
            const unit = joint === "gripper" ? " %" : "°", servo = servos?.[joint];
            return (
              <tr key={joint} data-joint={joint}>
                <th scope="row">{joint.replace("_", " ")}</th>
                <td class="wide">
                  {state && low && high && sent ? <Bar low={low[i]} high={high[i]} at={state[i]} goal={sent[i]} unit={unit} /> : <span class="quiet">not read</span>}
                </td>
                <td class="number">{state ? `${state[i].toFixed(1)}${unit}` : "–"}</td>
                <td class={`number ${servo && Math.abs(servo[0]) > 75 ? "hot" : ""}`}>{servo ? `${Math.abs(servo[0]).toFixed(0)} %` : "–"}</td>
                <td class={`number ${servo && servo[3] >= 55 ? "hot" : ""}`}>{servo ? `${servo[3].toFixed(0)} °C` : "–"}</td>
                <td class={`number ${servo && servo[2] < 4.6 ? "hot" : ""}`}>{servo ? `${servo[2].toFixed(1)} V` : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Bar(props: { low: number; high: number; at: number; goal: number; unit: string }) {
  const place = (value: number) => `${Math.min(100, Math.max(0, ((value - props.low) / (props.high - props.low)) * 100)).toFixed(1)}%`;
  return (
    <div class="range">
      <span>{props.low.toFixed(0)}{props.unit}</span>
      <div class="bar">
        <i class="goal" style={{ left: place(props.goal) }} />
        <i class="at" style={{ left: place(props.at) }} />
      </div>
      <span>{props.high.toFixed(0)}{props.unit}</span>
    </div>
  );
}
