// The cameras' pictures, each with its age. What is not shown is not sent.
import { useEffect, useRef, useState } from "preact/hooks";
import { link } from "../base/link";
import type { About, Picture } from "../base/types";

const STALE_S = 0.5;
const STEP_PX = 80; // of the width that is asked for: less is no reason to ask anew

export function Cameras({ about }: { about: About }) {
  if (about.cameras.length === 0) return <NoCamera />;
  return <div class="cameras">{about.cameras.map((name) => <Camera key={name} name={name} />)}</div>;
}

export function NoCamera() {
  return <p class="panel quiet">This arm has no camera: name them in armchair.toml to see its pictures here.</p>;
}

/** `place` says how large it is on a small screen. */
export function Camera({ name, place = "", onPick }: { name: string; place?: string; onPick?: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null), fact = usePictures(name, canvas);
  useShown(name, canvas);
  const waits = Number.isNaN(fact.ageS), stale = fact.ageS > STALE_S;
  return (
    <figure class={`panel camera ${place} ${stale ? "stale" : ""}`} onClick={onPick}>
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

/** Draws what comes; how old the last picture is, and how many come in a second. */
function usePictures(name: string, canvas: preact.RefObject<HTMLCanvasElement | null>): { ageS: number; hz: number } {
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
  return fact;
}

/** Tells the server how wide it is shown. */
function useShown(name: string, canvas: preact.RefObject<HTMLCanvasElement | null>): void {
  useEffect(() => {
    const size = new ResizeObserver(([{ contentRect: { width, height }, target }]) => {
      const { width: own, height: tall } = target as HTMLCanvasElement; // it is fitted into its place
      link.show(name, Math.ceil((Math.min(width, (height * own) / tall) * devicePixelRatio) / STEP_PX) * STEP_PX);
    });
    size.observe(canvas.current!);
    return () => (size.disconnect(), link.show(name, 0));
  }, [name]);
}
