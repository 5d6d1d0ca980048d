// A lesson under way: count down, record, read the verdict, keep it or not.
import { useEffect, useState } from "preact/hooks";
import { link } from "../base/link";
import type { About, Lesson, Me, News } from "../base/types";
import { Cockpit } from "../drive/cockpit";

const say = (request: string) => link.say({ type: "teach", do: request });

// As `armchair record` has them, and the two that its page adds. Its arrows drive where the wheel moves the arm.
const KEYS: Record<string, "next" | "redo" | "keep" | "discard"> = { " ": "next", r: "redo", Enter: "keep", Backspace: "discard" };
const ARROWS: typeof KEYS = { ArrowRight: "next", ArrowLeft: "redo" };

export function LessonView({ me, about, news, notes, lesson }: { me: Me; about: About; news: News; notes: preact.JSX.Element; lesson: Lesson }) {
  const [read, setRead] = useState<Lesson["last"]>(null); // the verdict that was answered
  const byWheel = lesson.hand === "wheel", last = lesson.last;
  const asks = last !== null && (read === null || read.words !== last.words || read.steps !== last.steps);
  const acts = {
    next: () => say(lesson.phase === "recording" ? "next" : lesson.left_s === null ? "ready" : "wait"),
    redo: () => say("again"),
    keep: () => setRead(last),
    discard: () => (setRead(last), say("redo")),
  };
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const act = KEYS[event.key] ?? (byWheel ? undefined : ARROWS[event.key]);
      if (!act || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest("button, a, input, select, summary")) return;
      const judges = act === "keep" || act === "discard" || act === "redo";
      if (judges && !(asks || (act === "redo" && lesson.phase === "recording"))) return;
      event.preventDefault();
      acts[act]();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  const led = <p class="panel wheel">The leader's hand moves the arm, as in a real lesson: by the clock, through motors and cameras. It begins with the take.</p>;
  return (
    <Cockpit me={me} about={about} news={news} notes={notes} hands={byWheel ? undefined : led}>
      <Clapper lesson={lesson} asks={asks} acts={acts} />
    </Cockpit>
  );
}

type Acts = Record<"next" | "redo" | "keep" | "discard", () => void>;

function Clapper({ lesson, asks, acts }: { lesson: Lesson; asks: boolean; acts: Acts }) {
  const { phase, left_s, last } = lesson, records = phase === "recording", counts = phase === "waiting" && left_s !== null;
  return (
    <section class={`panel clapper ${records ? "records" : ""} ${asks ? "asks" : ""}`} aria-label="Recording" data-phase={counts ? "countdown" : phase}>
      <div class="line">
        <b class="name">{lesson.dataset}</b>
        <span class="chip">{lesson.kept === 1 ? "1 take kept" : `${lesson.kept} takes kept`}</span>
        <button disabled={records || phase === "saving"} onClick={() => say("quit")}>{lesson.kept ? "Finish the dataset" : "End the lesson"}</button>
      </div>
      <div class="choices">
        <p class="big" role="status" aria-live="polite">
          {records ? <>● <span class="hint">Recording, </span>{Math.ceil(left_s ?? 0)} s left</> : counts ? `Begins in ${Math.ceil(left_s)}` : phase === "saving" ? "Saving …" : "Ready"}
        </p>
        {records ? (
          <>
            <button class="main" onClick={acts.next}>Stop, and see <kbd>space</kbd></button>
            <button onClick={acts.redo}>Once more <kbd>r</kbd></button>
            <button onClick={acts.discard}>Discard</button>
          </>
        ) : (
          <button class="main" disabled={phase === "saving"} onClick={acts.next}>{counts ? "Not yet" : "Record a take"} <kbd>space</kbd></button>
        )}
      </div>
      {asks && last && <Verdict last={last} acts={acts} />}
      <Slow words={lesson.slow} />
    </section>
  );
}

/** The question first; what else was found is a click away. */
function Verdict({ last, acts }: { last: NonNullable<Lesson["last"]>; acts: Acts }) {
  const [first, ...more] = last.words.split("\n");
  return (
    <div class={`verdict ${last.level}`} data-level={last.level} role="status">
      <p class="words">{first}</p>
      {more.length > 0 && (
        <details>
          <summary>What was found</summary>
          <p class="more-words">{more.join("\n")}</p>
        </details>
      )}
      {last.kept ? (
        <>
          <div class="choices">
            <button class={last.level === "bad" ? "main" : ""} onClick={acts.redo}>Redo <kbd>r</kbd></button>
            <button onClick={acts.discard}>Discard <kbd>⌫</kbd></button>
            <button onClick={acts.keep}>All right <kbd>enter</kbd></button>
          </div>
          <p class="quiet small">It is safe already, and stays in the dataset unless you redo or discard it.</p>
        </>
      ) : (
        <p class="quiet">It is not in the dataset.</p>
      )}
    </div>
  );
}

const READ = "armchair-slow-read"; // in this browser, until it is closed

/** That this computer is too slow: said once, and no more after it was read. */
function Slow({ words }: { words: string }) {
  const [read, setRead] = useState(() => sessionStorage.getItem(READ) !== null);
  if (!words || read) return null;
  return (
    <div class="line slow" role="note">
      <span class="grow">{words}</span>
      <button onClick={() => (sessionStorage.setItem(READ, "yes"), setRead(true))}>I see</button>
    </div>
  );
}
