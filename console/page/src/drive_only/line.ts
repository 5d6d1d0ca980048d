// The WebSocket of `--hand network` (robot/armchair_robot/teleoperators/network/server.py): whoever is let in has the wheel
// until they leave. Each message is answered with the arm's status, or with an error, after which the server hangs up.
import type { Line } from "../drive/input";

const AGAIN_MS = 1500;
const LOST = "No connection: is the command still running, and is the link complete?";

export class DriveLine implements Line {
  drives = false;
  stopped = false; // by whoever drives: nothing but holding still is said
  words = "Connecting …"; // the arm's status, or why this page does not drive
  onChange: () => void = () => undefined;
  private line: WebSocket | null = null;
  private refusal = "";

  open(): void {
    this.line = new WebSocket(`ws://${location.host}/drive?token=${encodeURIComponent(location.hash.slice(1))}`);
    this.line.onopen = () => this.say({ type: "hold" }); // the answer tells who drives
    this.line.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.line.onclose = () => {
      this.change(false, this.refusal || LOST);
      this.refusal = "";
      setTimeout(() => this.open(), AGAIN_MS);
    };
  }

  say(message: object): boolean {
    if (this.line?.readyState !== WebSocket.OPEN) return false;
    this.line.send(JSON.stringify(this.stopped ? { type: "hold" } : message));
    return true;
  }

  stop(stopped: boolean): void {
    this.stopped = stopped;
    this.say({ type: "hold" });
    this.onChange();
  }

  private hear(said: { status?: string; error?: string }): void {
    if (said.error) this.change(false, (this.refusal = said.error));
    else this.change(true, (said.status ?? "").split(" · ").slice(2).join(" · ")); // mode and speed are on the buttons
  }

  private change(drives: boolean, words: string): void {
    if (drives === this.drives && words === this.words) return;
    [this.drives, this.words] = [drives, words];
    this.onChange();
  }
}
