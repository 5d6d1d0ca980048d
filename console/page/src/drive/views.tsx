// The arm in 3-D.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../base/ask";
import { link } from "../base/link";
import { driveInput } from "./input";
import type { Packed } from "./meshes";
import { Stage } from "./scene";
import type { Stage3D } from "../base/types";

export function View3D() {
  const canvas = useRef<HTMLCanvasElement>(null), stage = useRef<Stage | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let scene = NaN, version = "";
    try {
      stage.current = new Stage(canvas.current!);
    } catch {
      setTrouble("This browser draws no 3-D (WebGL is off).");
      return;
    }
    const eye = () => stage.current!.eye();
    driveInput.view = eye;
    const build = async () => {
      const found = await get<Stage3D>("/api/stage");
      if (found.meshes === version) return stage.current?.paint(found);
      stage.current?.build(found, await get<Packed>(`/api/stage/meshes?${found.meshes}`));
      version = found.meshes;
    };
    const off = link.onNews.add((news) => {
      if (news.shown_scene !== scene) {
        scene = news.shown_scene; // other colours
        build().catch(() => (scene = NaN));
      }
      stage.current?.pose(news.poses, news.arm.phase === "driving");
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
