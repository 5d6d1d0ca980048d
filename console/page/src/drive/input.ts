// What moves the arm: held keys, fingers or the mouse on a pad, a gamepad. All of it adds up to six rates,
//   forward, left, up, tilt, turn, gripper
// as in robot/armchair_robot/teleoperators/jog.py, and as the picture shows them that one looks at (seen.ts). While this
// page has the wheel they are said 20 times a second; the arm holds still 300 ms after the last time.
import { BEFORE_IT, inArmFrame, turnSign, type Eye, type Frame } from "./seen";

/** What they are said on. */
export interface Line {
  readonly drives: boolean; // whether this page has the wheel
  readonly stopped: boolean; // whether it holds still, whatever is asked for
  readonly state?: number[]; // the arm's joints, if they are known
  say(message: object): boolean;
}

export type Speed = "slow" | "normal" | "fast";
export type Mode = "tip" | "joints";

const EVERY_MS = 50;
const PAD_DEAD = 0.12, STICK_DEAD = 0.15;
const AXES = ["forward", "left", "up", "tilt", "turn", "gripper"], TURN = 4;
const FRAME = "armchair-directions"; // kept in this browser

// As `armchair teleoperate --hand keyboard` has them, and the arrows.
export const KEYS: Record<string, [axis: number, sign: number]> = {
  i: [0, 1], k: [0, -1], j: [1, 1], l: [1, -1], w: [2, 1], s: [2, -1],
  e: [3, -1], x: [3, 1], a: [TURN, 1], d: [TURN, -1], o: [5, 1], p: [5, -1],
  arrowup: [0, 1], arrowdown: [0, -1], arrowleft: [1, 1], arrowright: [1, -1],
};

const bent = (value: number, dead: number, power: number) =>
  Math.sign(value) * Math.min(1, Math.max(0, (Math.abs(value) - dead) / (1 - dead))) ** power;

export class DriveInput {
  speed: Speed = "slow";
  mode: Mode = "tip";
  frame: Frame = "seen";
  gamepad = "";
  front: Eye = BEFORE_IT; // where the camera called front looks from
  view: (() => Eye | null) | null = null; // the 3-D picture's, null while it is not shown
  large: Eye | null = null; // the large picture's, where it is neither of these
  onChange: () => void = () => undefined;
  onIdle: () => void = () => undefined; // a key was pressed that cannot move the arm now
  private readonly held = new Set<string>();
  private readonly pads = new Map<string, number[]>();
  private readonly pressed = new Set<number>(); // the gamepad's buttons
  private timer = 0;
  private turn: 1 | -1 = 1;

  /** Mean the left that was chosen last in this browser, or `first`. */
  begin(first: Frame): void {
    const kept = localStorage.getItem(FRAME);
    this.frame = kept === "seen" || kept === "arm" ? kept : first;
  }

  /** The picture whose left is meant. */
  get eye(): Eye {
    return this.view?.() ?? this.large ?? this.front;
  }

  start(line: Line): () => void {
    const down = (event: KeyboardEvent) => this.key(event, true, line);
    const up = (event: KeyboardEvent) => this.key(event, false, line);
    const nothing = () => this.release(); // a page that nobody sees drives nothing
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", nothing);
    document.addEventListener("visibilitychange", nothing);
    this.timer = window.setInterval(() => this.say(line), EVERY_MS);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", nothing);
      document.removeEventListener("visibilitychange", nothing);
      clearInterval(this.timer);
      this.release();
    };
  }

  /** A finger on a pad: -1 to 1 for some axes. */
  push(pad: string, rates: number[]): void {
    this.pads.set(pad, rates);
  }

  let(pad: string): void {
    this.pads.delete(pad);
  }

  release(): void {
    this.held.clear();
    this.pads.clear();
  }

  set(change: Partial<Pick<DriveInput, "speed" | "mode" | "frame">>): void {
    Object.assign(this, change);
    if (change.frame) localStorage.setItem(FRAME, change.frame);
    this.onChange();
  }

  private key(event: KeyboardEvent, down: boolean, line: Line): void {
    const key = event.key.toLowerCase();
    if (!down) this.held.delete(key);
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || event.target instanceof HTMLTextAreaElement;
    const turnsView = event.target instanceof HTMLCanvasElement && key.startsWith("arrow"); // the 3-D picture's own keys
    if (!down || typing || turnsView || event.ctrlKey || event.metaKey || event.altKey) return;
    if (line.drives && key.startsWith("arrow")) event.preventDefault(); // the page does not scroll away
    if (event.repeat) return;
    if (key in KEYS) {
      if (!line.drives || line.stopped) this.onIdle();
      this.held.add(key);
    }
    else if (key === "m") this.set({ mode: this.mode === "tip" ? "joints" : "tip" });
    else if ("123".includes(key)) this.set({ speed: (["slow", "normal", "fast"] as const)[Number(key) - 1] });
  }

  private rates(): number[] {
    const rates = this.sticks();
    for (const key of this.held) rates[KEYS[key][0]] += KEYS[key][1];
    for (const pad of this.pads.values()) pad.forEach((value, axis) => (rates[axis] += bent(value, PAD_DEAD, 1.5)));
    return rates.map((value) => Math.max(-1, Math.min(1, value)));
  }

  private sticks(): number[] {
    const pad = navigator.getGamepads?.().find((each) => each?.connected && each.mapping === "standard");
    const name = pad ? pad.id.replace(/\s*\(.*$/, "") : "";
    if (name !== this.gamepad) [this.gamepad] = [name, this.onChange()];
    if (!pad) return AXES.map(() => 0);
    const button = (number: number) => pad.buttons[number]?.value ?? 0;
    this.edges(pad);
    if (button(4) < 0.5) return AXES.map(() => 0); // L1: a deadman's button
    const [x, y, turn, up] = pad.axes.map((value) => bent(value, STICK_DEAD, 2));
    return [-y, -x, -up, button(13) - button(12), -turn, button(6) - button(7)];
  }

  private edges(pad: Gamepad): void {
    const speeds: Speed[] = ["slow", "normal", "fast"], now = speeds.indexOf(this.speed);
    const does: Record<number, () => void> = {
      0: () => this.set({ speed: speeds[Math.max(0, now - 1)] }),
      3: () => this.set({ speed: speeds[Math.min(2, now + 1)] }),
      2: () => this.set({ mode: this.mode === "tip" ? "joints" : "tip" }),
    };
    for (const [number, act] of Object.entries(does)) {
      const isDown = pad.buttons[Number(number)]?.pressed ?? false;
      if (isDown && !this.pressed.has(Number(number))) act();
      isDown ? this.pressed.add(Number(number)) : this.pressed.delete(Number(number));
    }
  }

  private say(line: Line): void {
    if (!line.drives) return;
    const asked = this.rates();
    if (asked[TURN] === 0) this.turn = turnSign(this.eye, line.state); // else it would turn back half way
    if (asked.every((rate) => rate === 0)) line.say({ type: "hold" });
    else {
      const rates = this.frame === "seen" ? inArmFrame(asked, this.eye, this.mode === "joints", this.turn) : asked;
      line.say({ type: "jog", rates, mode: this.mode, speed: this.speed });
    }
  }
}

export const driveInput = new DriveInput();
