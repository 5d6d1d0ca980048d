// One episode: its pictures and its joints on one time axis. Episodes share video files, so each has its stretch of one.
import { useEffect, useRef, useState } from "preact/hooks";
import { Plots } from "./tracks";
import type { Episode } from "../base/types";

const DRIFT_S = 0.12;
const UNPLAYED = "This browser plays no H.264, as which the pictures are sent: use another one.";

export function Player({ data, episode }: { data: string; episode: Episode }) {
  const cameras = Object.keys(episode.videos), lastsS = episode.state.length / episode.fps;
  const films = useRef<Record<string, HTMLVideoElement | null>>({});
  const [atS, setAtS] = useState(0), [plays, setPlays] = useState(false), [trouble, setTrouble] = useState("");
  const lastFrameS = lastsS - 1 / episode.fps;
  // Not every browser plays what a dataset holds, small pictures as H.264 4:4:4 say; then the server makes a film of this episode.
  const [plain, setPlain] = useState(false), fromS = (name: string) => (plain ? 0 : episode.videos[name].from_s);
  const explain = async (film: string) => {
    const answer = await fetch(film);
    setTrouble(answer.ok ? UNPLAYED : (await answer.json()).detail);
  };
  const all = () => cameras.map((name) => [name, films.current[name]] as const).filter((pair): pair is [string, HTMLVideoElement] => pair[1] !== null);
  // The middle of a frame: its very beginning may still show the one before.
  const place = (name: string, seconds: number) => fromS(name) + Math.min(seconds, lastFrameS) + 0.5 / episode.fps;
  const seek = (seconds: number) => {
    const now = Math.max(0, Math.min(lastFrameS, seconds));
    for (const [name, film] of all()) film.currentTime = place(name, now);
    setAtS(now);
  };
  const stop = () => {
    for (const [, film] of all()) film.pause();
    setPlays(false);
  };
  const play = () => {
    if (atS >= lastFrameS - 1e-3) seek(0);
    for (const [, film] of all()) film.play().catch(() => undefined);
    setPlays(true);
  };
  useEffect(() => {
    if (!plays) return;
    let frame = 0, lastMs = performance.now(), clockS = atS;
    const tick = (nowMs: number) => {
      const [first, ...others] = all();
      clockS += (nowMs - lastMs) / 1000;
      lastMs = nowMs;
      if (first) clockS = first[1].currentTime - fromS(first[0]);
      for (const [name, film] of others) if (Math.abs(film.currentTime - fromS(name) - clockS) > DRIFT_S) film.currentTime = place(name, clockS);
      if (clockS >= lastFrameS) {
        stop();
        seek(lastFrameS);
        return;
      }
      setAtS(Math.max(0, clockS));
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [plays]);
  return (
    <div class="player" data-episode={episode.index}>
      <div class="cameras">
        {cameras.map((name) => (
          <figure key={name} class="panel camera">
            <video
              ref={(film) => void (films.current[name] = film)} src={`/api/${plain ? "film" : "video"}?${new URLSearchParams({ data, index: String(episode.index), camera: name })}`}
              muted playsInline preload="auto" aria-label={`${name} camera, episode ${episode.index}`}
              onLoadedMetadata={(event) => (event.currentTarget.currentTime = place(name, atS))} onError={(event) => (plain ? void explain(event.currentTarget.src) : setPlain(true))}
            />
            <figcaption><b>{name}</b></figcaption>
          </figure>
        ))}
      </div>
      {trouble && <p class="panel" role="alert">{trouble}</p>}
      <div class="panel line">
        <button class="main" onClick={plays ? stop : play}>{plays ? "Pause" : "Play"}</button>
        <input
          class="grow" type="range" aria-label="Time" min={0} max={lastFrameS} step={1 / episode.fps} value={atS}
          onInput={(event) => (stop(), seek(Number(event.currentTarget.value)))}
        />
        <output>{atS.toFixed(2)} of {lastsS.toFixed(2)} s</output>
      </div>
      <Plots episode={episode} atS={atS} onSeek={(seconds) => (stop(), seek(seconds))} />
    </div>
  );
}
