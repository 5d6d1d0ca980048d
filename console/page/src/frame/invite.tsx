// A link for one visitor, and its QR code for a phone.
import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../base/ask";
import type { Role } from "../base/types";

const WHO: [Role, string][] = [["student", "who may drive"], ["view", "who may watch"], ["teacher", "who may do everything"]];
const QUIET = 4, DOT = 6;

export function Invite({ onClose }: { onClose: () => void }) {
  const [found, setFound] = useState<{ link: string; qr: string[] } | null>(null), [trouble, setTrouble] = useState("");
  const box = useRef<HTMLDialogElement>(null), code = useRef<HTMLCanvasElement>(null);
  useEffect(() => box.current?.show(), []); // not modal: STOP stays within reach
  useEffect(() => {
    if (!found || !code.current) return;
    const side = (found.qr.length + 2 * QUIET) * DOT, pen = code.current.getContext("2d")!;
    code.current.width = code.current.height = side;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, side, side);
    pen.fillStyle = "#000";
    found.qr.forEach((row, y) => [...row].forEach((bit, x) => bit !== "0" && pen.fillRect((x + QUIET) * DOT, (y + QUIET) * DOT, DOT, DOT)));
  }, [found]);
  return (
    <dialog ref={box} class="panel" aria-label="Invite" onClose={onClose}>
      <h2>Invite somebody</h2>
      <p class="quiet">A link works once, for whoever opens it first.</p>
      <div class="choices">
        {WHO.map(([role, words]) => (
          <button key={role} onClick={() => post<{ link: string; qr: string[] }>("/api/invite", { role }).then(setFound, (error) => setTrouble(error.message))}>
            {words}
          </button>
        ))}
      </div>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      {found && (
        <>
          <canvas ref={code} class="qr" role="img" aria-label="QR code of the link" />
          <p class="address">{found.link}</p>
        </>
      )}
      <button onClick={() => box.current?.close()}>Close</button>
    </dialog>
  );
}
