// What one seldom needs, behind one button: facts, who else may look, the tour, the projector, how the page looks.
import { useEffect, useRef, useState } from "preact/hooks";
import { appearance, SIZES, THEMES } from "../base/appearance";
import type { About, Me, News } from "../base/types";
import { Invite } from "./invite";

interface Props {
  me: Me;
  news: News;
  about: About;
  lan: boolean;
  onTour: (() => void) | null; // null: it is on, or not for this visitor
}

export function Menu(props: Props) {
  const [open, setOpen] = useState(false), [inviting, setInviting] = useState(false), box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => box.current?.contains(event.target as Node) || setOpen(false);
    const key = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    addEventListener("pointerdown", away);
    addEventListener("keydown", key);
    return () => (removeEventListener("pointerdown", away), removeEventListener("keydown", key));
  }, [open]);
  const act = (does: () => void) => () => (setOpen(false), does());
  return (
    <div class="menu" ref={box}>
      <button aria-expanded={open} aria-controls="menu" aria-label="Menu" onClick={() => setOpen(!open)}><i class="bars" /></button>
      {open && (
        <div class="panel" id="menu">
          <Facts {...props} />
          {props.lan && props.me.role === "teacher" && <button onClick={act(() => setInviting(true))}>Invite somebody</button>}
          {props.onTour && <button onClick={act(props.onTour)}>Tour</button>}
          <button onClick={act(() => (location.hash = "projector"))}>Projector</button>
          <Looks />
        </div>
      )}
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </div>
  );
}

function Facts({ news, about }: Props) {
  const { rate_hz, jitter_ms } = news.arm;
  return (
    <dl aria-label="Facts">
      <dt>Arm</dt><dd>{about.twin ? "Twin" : about.arm}</dd>
      <dt>Here</dt><dd>{news.viewers.length === 1 ? "1 viewer" : `${news.viewers.length} viewers`}</dd>
      <dt>Loop</dt><dd>{rate_hz === undefined ? "rests" : `${rate_hz.toFixed(1)} Hz`}{jitter_ms ? ` ± ${jitter_ms.toFixed(1)} ms` : ""}</dd>
    </dl>
  );
}

function Looks() {
  const [, again] = useState(0), choose = (change: Parameters<typeof appearance.choose>[0]) => () => (appearance.choose(change), again((count) => count + 1));
  return (
    <>
      <div class="choices" role="group" aria-label="Light or dark">
        {THEMES.map((theme) => <button key={theme} aria-pressed={appearance.theme === theme} onClick={choose({ theme })}>{theme}</button>)}
      </div>
      <div class="choices" role="group" aria-label="Letters">
        {SIZES.map((letters, i) => (
          <button key={letters} aria-pressed={appearance.letters === letters} aria-label={`${letters} letters`} onClick={choose({ letters })}><span class={`letter l${i}`} aria-hidden="true">A</span></button>
        ))}
      </div>
    </>
  );
}
