// The pictures and the pads in one screen, for Drive and for a lesson: nothing scrolls, and what comes and goes takes
// its room from the pictures. So no pad moves under a finger, and nothing is ever over one.
import { useEffect, useState } from "preact/hooks";
import type { About, Me, News } from "../base/types";
import { Camera, NoCamera } from "./cameras";
import { Controls, Wheel } from "./drive";
import { driveInput } from "./input";
import { BEHIND_IT } from "./seen";
import { View3D } from "./views";

const ARM = "3-D", AT_THE_HAND = "wrist";

interface Props {
  me: Me;
  about: About;
  news: News;
  notes: preact.JSX.Element;
  in3D?: boolean;
  hands?: preact.JSX.Element; // in place of wheel and pads
  children?: preact.ComponentChildren; // between pictures and hands
}

export function Cockpit({ me, about, news, notes, in3D = false, hands, children }: Props) {
  return (
    <main class={`cockpit ${children ? "taught" : ""}`}>
      {notes}
      <Pictures about={about} in3D={in3D} />
      {children}
      <div class="hands">
        {hands ?? (
          <>
            <Wheel me={me} news={news} />
            <Controls me={me} news={news} />
          </>
        )}
      </div>
    </main>
  );
}

export const Drive = (props: Pick<Props, "me" | "about" | "news" | "notes">) => <Cockpit {...props} in3D />;

/** All of them; on a small screen one is large, the other camera in its corner, and a choice above. */
function Pictures({ about, in3D }: { about: About; in3D: boolean }) {
  const names = [...about.cameras, ...(in3D ? [ARM] : [])], [picked, pick] = useState(""), large = names.includes(picked) ? picked : names[0];
  useLeftOf(large);
  const place = (name: string) => (name === large ? "large" : large === ARM ? "away" : "inset");
  return (
    <div class={`pictures ${in3D ? "in3d" : ""}`}>
      {about.cameras.length === 0 && <NoCamera />}
      {about.cameras.map((name) => <Camera key={name} name={name} place={place(name)} onPick={() => pick(name)} />)}
      {in3D && <div class={`arm ${large === ARM ? "large" : "away"}`}><View3D key={about.task} /></div>}
      {names.length > 1 && (
        <div class="swap" role="group" aria-label="Large picture">
          {names.map((name) => <button key={name} aria-pressed={name === large} onClick={() => pick(name)}>{name}</button>)}
        </div>
      )}
    </div>
  );
}

/** Left is left in the large picture: who looks at the hand's own camera looks from behind the arm. */
function useLeftOf(large: string): void {
  useEffect(() => {
    driveInput.large = large === AT_THE_HAND ? BEHIND_IT : null;
    return () => void (driveInput.large = null);
  }, [large]);
}
