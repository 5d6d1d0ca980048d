// The page of `--hand network`: the console's pads and a STOP, and nothing else.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { appearance } from "../base/appearance";
import { driveInput } from "../drive/input";
import { Pads } from "../drive/pads";
import { DriveLine } from "./line";
import "../style/base.css";
import "../style/frame.css";
import "../style/drive.css";
import "../style/only.css";

const line = new DriveLine();
const PLACES = { seen: "I face the arm", arm: "I stand behind it" }; // nothing is seen of it here
driveInput.begin("arm");
appearance.begin();

function DriveOnly() {
  const [, again] = useState(0);
  const stop = (stopped: boolean) => {
    driveInput.release();
    line.stop(stopped);
  };
  useEffect(() => {
    line.onChange = () => {
      if (!line.drives) driveInput.release(); // what is still held when the line comes back moves nothing
      again((count) => count + 1);
    };
    line.open();
    const key = (event: KeyboardEvent) => event.key === "Escape" && stop(true);
    const menu = (event: Event) => event.preventDefault(); // a long press asks for it
    addEventListener("keydown", key);
    addEventListener("contextmenu", menu);
    return () => (removeEventListener("keydown", key), removeEventListener("contextmenu", menu));
  }, []);
  const { drives, stopped, words } = line;
  return (
    <main class="only">
      <h1 class="unseen">Drive the arm</h1>
      <p class={`panel wheel ${drives ? "mine" : "bad"}`} id="wheel" role="status">
        {drives && <b>You drive.</b>} <span>{words}</span>
      </p>
      <Pads line={line} off={!drives || stopped ? "off" : ""} frames={PLACES}>
        <button
          id="stop" class={stopped ? "stopped" : ""}
          onPointerDown={() => stop(!stopped)} onClick={(event) => event.detail === 0 && stop(!stopped)} // 0: by a key
        >
          {stopped ? "holding still · tap to drive on" : <>STOP <kbd>Esc</kbd></>}
        </button>
      </Pads>
    </main>
  );
}

render(<DriveOnly />, document.getElementById("app")!);
