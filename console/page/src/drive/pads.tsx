// The pads, and the choice of speed and mode: on the console's page, and on the page of `--hand network`.
import { useEffect, useRef, useState } from "preact/hooks";
import { driveInput, type Line, type Speed } from "./input";

const SPEEDS: Speed[] = ["slow", "normal", "fast"];

/** `off`: nothing that is done here moves the arm. What is between the tags comes after the pads. */
export function Pads({ line, off, children }: { line: Line; off: boolean; children?: preact.ComponentChildren }) {
  const [, again] = useState(0);
  useEffect(() => {
    driveInput.onChange = () => again((count) => count + 1);
    return driveInput.start(line);
  }, [line]);
  const joints = driveInput.mode === "joints";
  const label = (tip: string, joint: string) => (joints ? joint : tip);
  return (
    <section class={`controls ${off ? "off" : ""}`} aria-label="Drive">
      <div class="choices">
        <div role="group" aria-label="Speed">
          {SPEEDS.map((speed, i) => (
            <button key={speed} aria-pressed={driveInput.speed === speed} onClick={() => driveInput.set({ speed })}>
              {speed} <kbd>{i + 1}</kbd>
            </button>
          ))}
        </div>
        <button aria-pressed={joints} onClick={() => driveInput.set({ mode: joints ? "tip" : "joints" })}>
          single joints <kbd>m</kbd>
        </button>
        {driveInput.gamepad && <span class="quiet">{driveInput.gamepad}: hold L1</span>}
      </div>
      <div class="pads">
        <Pad name="place" x={[1, -1]} y={[0, -1]} off={off}
             up={[label("forward", "shoulder down"), "i"]} down={[label("back", "shoulder up"), "k"]} left={[label("left", "pan left"), "j"]} right={[label("right", "pan right"), "l"]} />
        <Pad name="height" x={[4, -1]} y={[2, -1]} off={off}
             up={[label("up", "elbow up"), "w"]} down={[label("down", "elbow down"), "s"]} left={[label("turn", "roll"), "a"]} right={[label("turn", "roll"), "d"]} />
        <Pad name="gripper" x={[5, 1]} off={off} left={["pinch", "p"]} right={["open", "o"]} />
        <Pad name="tilt" x={[3, 1]} off={off} left={[label("tilt up", "wrist up"), "e"]} right={[label("tilt down", "wrist down"), "x"]} />
        {children}
      </div>
    </section>
  );
}

type Label = [words: string, key: string];
type Axis = [axis: number, sign: number];

function Pad(props: { name: string; off: boolean; x: Axis; y?: Axis; up?: Label; down?: Label; left: Label; right: Label }) {
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
