import { useEffect, useState } from "preact/hooks";
import { Data } from "./data/data";
import { Controls, says, Wheel } from "./drive/drive";
import { driveInput } from "./drive/input";
import { BEFORE_IT } from "./drive/seen";
import { Faults } from "./drive/faults";
import { Invite } from "./invite";
import { Judge } from "./evaluate/evaluate";
import { get, link, post, stop } from "./base/link";
import { Share } from "./data/push";
import { Teach } from "./teach/teach";
import { Trying } from "./evaluate/run";
import { Tour, useTour } from "./tour";
import { Train } from "./train/train";
import { useJobs, useMe, useNews } from "./base/use";
import type { About, Me, News } from "./base/types";
import { Cameras, Joints, View3D } from "./drive/views";

interface Props {
  me: Me;
  about: About;
  news: News;
}

driveInput.begin("seen");

// A view is a tab, who sees it, and what it shows; more of them go here.
const VIEWS: { name: string; words: (about: About) => string; isFor: (me: Me) => boolean; show: (props: Props) => preact.JSX.Element }[] = [
  { name: "live", words: () => "Live", isFor: () => true, show: (props) => <Live {...props} /> },
  { name: "drive", words: () => "Drive", isFor: (me) => me.role !== "view", show: (props) => <Drive {...props} /> },
  { name: "teach", words: () => "Teach", isFor: (me) => me.role !== "view", show: (props) => <Teach {...props} /> },
  { name: "data", words: () => "Data", isFor: () => true, show: (props) => <Data {...props} /> },
  { name: "train", words: () => "Train", isFor: () => true, show: ({ me }) => <Train me={me} /> },
  { name: "judge", words: () => "Judge", isFor: () => true, show: (props) => <Judge {...props} /> },
  { name: "share", words: () => "Share", isFor: (me) => me.role !== "view", show: (props) => <Share {...props} /> },
  { name: "faults", words: (about) => (about.twin ? "Faults" : "Doctor"), isFor: (me) => me.role === "teacher", show: (props) => <Faults {...props} /> },
];

/** What stands first behind # in the address. */
const viewNamed = () => location.hash.slice(1).split("/")[0];

export function App({ closed, lan }: { closed: string; lan: boolean }) {
  const { me, trouble } = useMe(), news = useNews(), [step, go] = useTour();
  const [about, setAbout] = useState<About | null>(null), [place, setPlace] = useState(viewNamed()), [refused, setRefused] = useState("");
  useEffect(() => {
    const move = () => setPlace(viewNamed());
    addEventListener("hashchange", move);
    const key = (event: KeyboardEvent) => event.key === "Escape" && stop();
    addEventListener("keydown", key);
    const off = link.onRefused.add((words) => {
      setRefused(words);
      setTimeout(() => setRefused(""), 5000);
    });
    return () => (removeEventListener("hashchange", move), removeEventListener("keydown", key), off());
  }, []);
  useEffect(() => {
    if (me) get<About>("/api/about").then((found) => (setAbout(found), (driveInput.front = found.front ?? BEFORE_IT)), () => undefined);
  }, [me, news?.task]);
  useEffect(() => document.querySelector("nav a[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" }), [place, about]);
  if (closed) return <Closed words={closed} />;
  const views = VIEWS.filter((view) => me && view.isFor(me));
  const view = views.find((each) => each.name === place) ?? views[0];
  return (
    <div class="page">
      <header>
        <h1>Armchair</h1>
        <nav aria-label="Views">
          {about && views.map((each) => (
            <a key={each.name} href={`./#${each.name}`} aria-current={each === view ? "page" : undefined}>{each.words(about)}</a>
          ))}
          {me && step < 0 && isLed(me, about) && <button class="tab" onClick={() => go(0)}>Tour</button>}
        </nav>
        {me && news && about && <Facts me={me} news={news} about={about} lan={lan} />}
        <button id="stop" onClick={stop}>STOP <kbd>Esc</kbd></button>
      </header>
      {trouble && <p class="panel bad banner" role="alert">{trouble}</p>}
      {refused && <p class="panel bad banner" role="alert">{refused}</p>}
      {me && news && step >= 0 && isLed(me, about) && <Tour step={step} go={go} me={me} news={news} />}
      {me && news && <Stopped me={me} news={news} twin={Boolean(about?.twin)} />}
      {me && news && <Trying me={me} news={news} />}
      {me && news && about ? view?.show({ me, news, about }) : <main />}
    </div>
  );
}

/** The tour is for who may do what it shows, and everything that it asks for works in the twin. */
const isLed = (me: Me, about: About | null) => me.role !== "view" && Boolean(about?.twin);

function Live({ me, about, news }: Props) {
  return (
    <main class="live">
      <Cameras about={about} />
      <View3D key={about.task} />
      <Joints news={news} />
      <Bench me={me} about={about} news={news} />
    </main>
  );
}

function Drive({ me, about, news }: Props) {
  return (
    <main class="drive">
      <Cameras about={about} />
      <View3D key={about.task} />
      <div class="hands">
        <Wheel me={me} news={news} />
        <Controls me={me} news={news} />
      </div>
    </main>
  );
}

function Facts({ me, news, about, lan }: Props & { lan: boolean }) {
  const [inviting, setInviting] = useState(false);
  const driver = news.viewers.find((each) => each.id === news.driver);
  const { rate_hz, jitter_ms, attempt } = news.arm;
  const moves = attempt && (attempt.phase === "trying" || attempt.phase === "waiting") ? attempt.policy : "";
  return (
    <div class="facts">
      <span class="chip" id="driver">{moves ? `${moves} moves it` : driver ? (driver.id === me.you ? "You drive" : `${driver.name} drives`) : "Nobody drives"}</span>
      <span class="chip" title="The control loop">{rate_hz === undefined ? "Loop rests" : `${rate_hz.toFixed(1)} Hz`}{jitter_ms ? ` ± ${jitter_ms.toFixed(1)} ms` : ""}</span>
      <span class="chip wide">{news.viewers.length === 1 ? "1 viewer" : `${news.viewers.length} viewers`}</span>
      <span class="chip wide">{about.twin ? "Twin" : about.arm}</span>
      {lan && me.role === "teacher" && <button onClick={() => setInviting(true)}>Invite</button>}
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </div>
  );
}

/** Whatever keeps the arm from moving, and the way out of it. */
function Stopped({ me, news, twin }: { me: Me; news: News; twin: boolean }) {
  const { phase, words, stopped } = news.arm, teacher = me.role === "teacher";
  if (phase === "driving" && stopped)
    return (
      <div class="panel bad banner" role="alert" id="stopped">
        <b class="grow">{whoStopped(news)} The arm holds still.</b>
        {(teacher || news.driver === me.you) && <button onClick={() => link.say({ type: "go" })}>Let it go on</button>}
      </div>
    );
  if (phase === "driving") return null;
  const waits = phase === "halted" || phase === "released";
  return (
    <div class={`panel banner ${phase === "halted" ? "bad" : ""}`} role="alert" id="phase">
      <span class="grow">{words}</span>
      {waits && (teacher || (twin && news.driver === me.you)) && <button onClick={() => link.say({ type: "start" })}>Start the arm</button>}
    </div>
  );
}

/** Who has pressed STOP. It is told over two ways, so how often says little. */
const whoStopped = ({ stop }: News) => (stop?.by ? `${stop.by} pressed STOP.` : "Stopped.");

function Bench({ me, about, news }: { me: Me; about: About; news: News }) {
  const [trouble, setTrouble] = useState(""), jobs = useJobs();
  const tell = (path: string, body: object) => () => post(path, body).then(() => setTrouble(""), (error) => setTrouble(error.message));
  const warnings = news.arm.warnings ?? [];
  return (
    <section class="panel bench" aria-label="Bench">
      <dl>
        <dt>Task</dt>
        <dd>{about.instruction ?? about.task}</dd>
        {news.twin && (
          <>
            <dt>Scene</dt>
            <dd>{news.twin.scene}{news.twin.success ? " · done" : ""}</dd>
          </>
        )}
        <dt>Arm</dt>
        <dd>{news.arm.phase === "driving" ? says(news) || "moving" : "not held"}</dd>
      </dl>
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings">
          {warnings.map((words) => <li key={words}>{words}</li>)}
        </ul>
      )}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <div class="choices">
        {news.twin && me.role !== "view" && <button onClick={tell("/api/twin/scene", { seed: news.twin.scene + 1 })}>Next scene</button>}
        {me.role === "teacher" && news.arm.phase === "driving" && <button onClick={tell("/api/arm", { do: "release" })}>Motors off</button>}
        {me.role === "teacher" && jobs.length > 0 && <button onClick={() => confirm("Stop all jobs, and take them off the list? What they have written stays.") && tell("/api/jobs/clear", {})()}>Stop and clear {jobs.length === 1 ? "1 job" : `${jobs.length} jobs`}</button>}
      </div>
    </section>
  );
}

function Closed({ words }: { words: string }) {
  return (
    <main class="closed">
      <h1>Armchair</h1>
      <p class="panel">{words}</p>
    </main>
  );
}
