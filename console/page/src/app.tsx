import { useEffect, useState } from "preact/hooks";
import { get } from "./base/ask";
import { link, stop } from "./base/link";
import { useMe, useNews } from "./base/use";
import type { About, Me, News } from "./base/types";
import { Data } from "./data/data";
import { Share } from "./data/push";
import { Drive } from "./drive/cockpit";
import { Faults } from "./drive/faults";
import { driveInput } from "./drive/input";
import { BEFORE_IT } from "./drive/seen";
import { Judge } from "./evaluate/evaluate";
import { Header } from "./frame/header";
import { Notes } from "./frame/notes";
import { Live } from "./live/live";
import { Projector } from "./live/projector";
import { Teach } from "./teach/teach";
import { Tour, useTour } from "./tour/tour";
import { Train } from "./train/train";

export interface Props {
  me: Me;
  about: About;
  news: News;
  notes: preact.JSX.Element; // for a view that says itself where they stand
}

interface View {
  name: string;
  words: (about: About) => string;
  isFor: (me: Me) => boolean;
  show: (props: Props) => preact.JSX.Element;
  hasNotes?: (news: News) => boolean; // whether it says itself where the notes stand
}

driveInput.begin("seen");

const may = (me: Me) => me.role !== "view", recording = ({ arm }: News) => Boolean(arm.lesson && arm.lesson.phase !== "over");

// A view is a tab, who sees it, and what it shows; more of them go here.
const VIEWS: View[] = [
  { name: "live", words: () => "Live", isFor: () => true, show: (props) => <Live {...props} /> },
  { name: "drive", words: () => "Drive", isFor: may, show: (props) => <Drive {...props} />, hasNotes: () => true },
  { name: "teach", words: () => "Teach", isFor: may, show: (props) => <Teach {...props} />, hasNotes: recording },
  { name: "data", words: () => "Data", isFor: () => true, show: (props) => <Data {...props} /> },
  { name: "train", words: () => "Train", isFor: () => true, show: ({ me }) => <Train me={me} /> },
  { name: "judge", words: () => "Judge", isFor: () => true, show: (props) => <Judge {...props} /> },
  { name: "share", words: () => "Share", isFor: may, show: (props) => <Share {...props} /> },
  { name: "faults", words: (about) => (about.twin ? "Faults" : "Doctor"), isFor: (me) => me.role === "teacher", show: (props) => <Faults {...props} /> },
];
// Behind the menu.
const PROJECTOR: View = { name: "projector", words: () => "Projector", isFor: () => true, show: (props) => <Projector {...props} /> };

/** What stands first behind # in the address. */
const viewNamed = () => location.hash.slice(1).split("/")[0];
const TOLD_MS = 5000;

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
      setTimeout(() => setRefused(""), TOLD_MS);
    });
    return () => (removeEventListener("hashchange", move), removeEventListener("keydown", key), off());
  }, []);
  useEffect(() => {
    if (me) get<About>("/api/about").then((found) => (setAbout(found), (driveInput.front = found.front ?? BEFORE_IT)), () => undefined);
  }, [me, news?.task]);
  if (closed) return <Closed words={closed} />;
  const views = VIEWS.filter((each) => me && each.isFor(me));
  const view = place === PROJECTOR.name ? PROJECTOR : views.find((each) => each.name === place) ?? views[0];
  const led = me !== null && news !== null && step >= 0 && isLed(me, about) && view !== PROJECTOR;
  const notes = <Notes me={me} news={news} twin={Boolean(about?.twin)} trouble={trouble} refused={refused} />;
  const own = news !== null && view?.hasNotes?.(news);
  return (
    <div class={`page ${own ? "whole" : ""}`} data-arm={news?.arm.phase}>
      <Header me={me} news={news} about={about} lan={lan} now={view?.name ?? ""} onTour={me && step < 0 && isLed(me, about) ? () => go(0) : null}
              tabs={about ? views.map((each) => ({ name: each.name, words: each.words(about) })) : []} />
      {led && <Tour step={step} go={go} me={me} news={news} />}
      {(!own || !about) && notes}
      {me && news && about ? view?.show({ me, news, about, notes }) : <main />}
    </div>
  );
}

/** The tour is for who may do what it shows, and everything that it asks for works in the twin. */
const isLed = (me: Me, about: About | null) => may(me) && Boolean(about?.twin);

function Closed({ words }: { words: string }) {
  return (
    <main class="closed">
      <h1>Armchair</h1>
      <p class="panel">{words}</p>
    </main>
  );
}
