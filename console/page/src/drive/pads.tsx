// The pads, and the choice of speed and mode: on the console's page, and on the page of `--hand network`.
import { useEffect, useRef, useState } from "preact/hooks";
import { driveInput, type Line, type Speed } from "./input";
import type { Frame } from "./seen";

const SPEEDS: Speed[] = ["slow", "normal", "fast"];
const TOLD_MS = 4000;

interface Props {
  line: Line;
  off: string; // why nothing that is done here moves the arm; "" if it does
  words?: string; // what the arm says meanwhile
  frames?: Record<Frame, string>; // how to choose whose left is meant
  children?: preact.ComponentChildren; // after the pads
}

const FRAMES = { seen: "as I see it", arm: "as the arm sees it" };

export function Pads({ line, off, words, frames = FRAMES, children }: Props) {
  const [, again] = useState(0), [asked, setAsked] = useState(0), [open, setOpen] = useState(false);
  const idle = () => setAsked(performance.now());
  useEffect(() => {
    driveInput.onChange = () => again((count) => count + 1);
    driveInput.onIdle = idle;
    return driveInput.start(line);
  }, [line]);
  useEffect(() => {
    const timer = asked ? setTimeout(() => setAsked(0), TOLD_MS) : 0;
    return () => clearTimeout(timer);
  }, [asked]);
  const joints = driveInput.mode === "joints", seen = driveInput.frame === "seen";
  const label = (tip: string, joint: string) => (joints ? joint : tip);
  const told = words !== undefined && off && asked ? off : words;
  return (
    <section class={`controls ${off ? "off" : ""}`} aria-label="Drive">
      <div class={`choices ${open ? "open" : ""}`}>
        <div role="group" aria-label="Speed">
          {SPEEDS.map((speed, i) => (
            <button key={speed} aria-pressed={driveInput.speed === speed} onClick={() => driveInput.set({ speed })}>
              {speed} <kbd>{i + 1}</kbd>
            </button>
          ))}
        </div>
        <button class="more" aria-expanded={open} onClick={() => setOpen(!open)}>More</button>
        <button class="rare" aria-pressed={joints} onClick={() => driveInput.set({ mode: joints ? "tip" : "joints" })}>
          single joints <kbd>m</kbd>
        </button>
        <div class="rare" role="group" aria-label="Whose left is meant">
          {(["seen", "arm"] as const).map((frame) => (
            <button key={frame} aria-pressed={driveInput.frame === frame} onClick={() => driveInput.set({ frame })}>{frames[frame]}</button>
          ))}
        </div>
        {driveInput.gamepad && <span class="quiet">{driveInput.gamepad}: hold L1</span>}
      </div>
      {told !== undefined && <p class={`say ${off && asked ? "told" : ""}`} role="status">{told}</p>}
      <div class="pads">
        <Pad name="place" x={[1, -1]} y={[0, -1]} off={off} onIdle={idle}
             up={[label(seen ? "away" : "forward", "shoulder down"), "i"]} down={[label(seen ? "closer" : "back", "shoulder up"), "k"]} left={[label("left", "pan left"), "j"]} right={[label("right", "pan right"), "l"]} />
        <Pad name="height" x={[4, -1]} y={[2, -1]} off={off} onIdle={idle}
             up={[label("up", "elbow up"), "w"]} down={[label("down", "elbow down"), "s"]} left={[label("turn ↺", "roll ↺"), "a"]} right={[label("turn ↻", "roll ↻"), "d"]} />
        <Pad name="gripper" x={[5, 1]} off={off} onIdle={idle} left={["pinch", "p"]} right={["open", "o"]} />
        <Pad name="tilt" x={[3, 1]} off={off} onIdle={idle} left={[label("tilt up", "wrist up"), "e"]} right={[label("tilt down", "wrist down"), "x"]} />
        {children}
      </div>
    </section>
  );
}

type Label = [words: string, key: string];
type Axis = [axis: number, sign: number];

function Pad(props: { name: string; off: string; onIdle: () => void; x: Axis; y?: Axis; up?: Label; down?: Label; left: Label; right: Label }) {
  const box = useRef<HTMLDivElement>(null), finger = useRef<number | null>(null);
  const [dot, setDot] = useState<[number, number] | null>(null);
  const { name, x, y, off } = props;
  const push = (event: PointerEvent) => {
    const edge = box.current!.querySelector<HTMLElement>(".dot")!.offsetWidth / 2;
    const { left, top, width, height } = box.current!.getBoundingClientRect();
    const reach = y ? Math.min(width, height) / 2 : width / 2, clamp = (value: number) => Math.max(-1, Math.min(1, value));
    const px = clamp((event.clientX - left - width / 2) / reach), py = y ? clamp((event.clientY - top - height / 2) / reach) : 0;
    const rates = [0, 0, 0, 0, 0, 0];
    rates[x[0]] = px * x[1];
    if (y) rates[y[0]] = py * y[1];
    driveInput.push(name, rates);
    setDot([px * (reach - edge), py * (reach - edge)]);
  };
  const release = () => {
    finger.current = null;
    driveInput.let(name);
    setDot(null);
  };
  useEffect(() => {
    if (off) release();
  }, [off]);
  const end = (event: PointerEvent) => event.pointerId === finger.current && release();
  return (
    <div
      ref={box} class={`pad ${y ? "" : "flat"} ${dot ? "held" : ""}`} data-pad={name}
      onPointerDown={(event) => {
        if (off) props.onIdle();
        if (off || finger.current !== null) return;
        box.current!.setPointerCapture(event.pointerId);
        finger.current = event.pointerId;
        push(event);
      }}
      onPointerMove={(event) => event.pointerId === finger.current && push(event)}
      onPointerUp={end} onPointerCancel={end} onLostPointerCapture={end} onContextMenu={(event) => event.preventDefault()}
    >
      {(["up", "down", "left", "right"] as const).map((side) => props[side] && <span key={side} class={side}>{props[side]![0]} <kbd>{props[side]![1]}</kbd></span>)}
      <i class="dot" style={{ transform: dot ? `translate(${dot[0]}px, ${dot[1]}px)` : "" }} />
    </div>
  );
}
