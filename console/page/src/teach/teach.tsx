// Before and after a lesson: what is taught, by whom, into which dataset; and the expert, who shows many at once.
import { useEffect, useState } from "preact/hooks";
import { JobCard } from "../base/jobs";
import { LessonView } from "./lesson";
import { get, post } from "../base/ask";
import { free, NAME, NAME_WORDS, toData } from "../base/names";
import type { About, Dataset, Me, News } from "../base/types";
import { useElapsed, useJobs } from "../base/use";

interface Choices {
  hands: { name: string; words: string }[];
  tasks: { name: string; words: string }[];
  sentence: string;
  may_change: boolean; // the task
}

export function Teach({ me, about, news, notes }: { me: Me; about: About; news: News; notes: preact.JSX.Element }) {
  const lesson = news.arm.lesson, jobs = useJobs("build", "record");
  const [choices, setChoices] = useState<Choices | null>(null), [data, setData] = useState<Dataset[]>([]);
  const over = !lesson || lesson.phase === "over", states = jobs.map((job) => job.state).join();
  useEffect(() => void get<Choices>("/api/teach").then(setChoices, () => undefined), [about.task]);
  useEffect(() => void get<Dataset[]>("/api/datasets").then(setData, () => undefined), [over, states]);
  if (!over) return <LessonView me={me} about={about} news={news} notes={notes} lesson={lesson} />;
  if (!choices) return <main />;
  const names = data.map((each) => each.name);
  return (
    <main class="two">
      <section aria-label="Teach">
        {lesson?.ended && <p class="panel bad" role="alert">{lesson.ended}{lesson.kept > 0 && ` ${lesson.kept} takes are kept.`}</p>}
        <Yourself key={`task ${about.task}`} me={me} about={about} news={news} choices={choices} names={names} />
        {data.filter((each) => each.waiting > 0 && !each.held).map((each) => (
          <Waiting key={each.name} data={each} busy={jobs.some((job) => job.out === each.name && ["running", "waiting"].includes(job.state))} />
        ))}
      </section>
      <section aria-label="The expert">
        <Expert about={about} choices={choices} names={names} />
        {jobs.map((job) => (
          <JobCard key={job.number} job={job} me={me}>
            {job.state === "done" && <p><a href={toData(job.out)}>Look at {job.out}</a></p>}
          </JobCard>
        ))}
      </section>
    </main>
  );
}

function Yourself({ me, about, news, choices, names }: { me: Me; about: About; news: News; choices: Choices; names: string[] }) {
  const [data, setData] = useState(""), [hand, setHand] = useState(choices.hands[0].name), [takeS, setTakeS] = useState(20);
  const [sentence, setSentence] = useState(choices.sentence), [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false);
  const elapsed = useElapsed(busy), name = data.trim() || free(`${about.twin ? about.task : "my"}-by-hand`, names), adds = names.includes(name);
  const begin = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const request = { data: name, hand, take_s: takeS, instruction: about.twin ? "" : sentence };
    post("/api/teach", request).then(() => setTrouble(""), (error) => setTrouble(error.message)).finally(() => setBusy(false));
  };
  const held = news.arm.phase === "driving";
  return (
    <form class="panel form" onSubmit={begin}>
      <h2>Teach it yourself</h2>
      <p class="quiet">You do the task a few times, and every take is recorded with both cameras. A policy learns from that.</p>
      <Task me={me} about={about} choices={choices} sentence={sentence} onSentence={setSentence} />
      <label>
        Who moves the arm
        <select name="hand" value={hand} onChange={(event) => setHand(event.currentTarget.value)}>
          {choices.hands.map((each) => <option key={each.name} value={each.name}>{each.words}</option>)}
        </select>
      </label>
      <label>
        Dataset
        <input list="datasets" value={data} placeholder={name} pattern={NAME} title={NAME_WORDS} maxLength={130} onInput={(event) => setData(event.currentTarget.value)} />
        <datalist id="datasets">{names.map((each) => <option key={each} value={each} />)}</datalist>
      </label>
      <label>
        Longest take
        <select value={String(takeS)} onChange={(event) => setTakeS(Number(event.currentTarget.value))}>
          {[10, 20, 40, 60, 120].map((seconds) => <option key={seconds} value={String(seconds)}>{seconds} s</option>)}
        </select>
      </label>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <div class="choices">
        <button class="main" disabled={busy || !held}>{busy ? `Opening the cameras …${elapsed}` : adds ? `Add takes to ${name}` : `Begin ${name}`}</button>
        {!held && <span class="quiet">The arm is not held: start it first.</span>}
      </div>
    </form>
  );
}

/** A real arm's is a sentence; a twin's is chosen, as long as the twin is the console's own. */
function Task(props: { me: Me; about: About; choices: Choices; sentence: string; onSentence: (words: string) => void }) {
  const { me, about, choices, sentence, onSentence } = props;
  const [coming, setComing] = useState(""), [trouble, setTrouble] = useState("");
  const elapsed = useElapsed(Boolean(coming));
  const set = (task: string) => {
    setComing(task);
    post("/api/twin/task", { task }).then(() => setTrouble(""), (error) => setTrouble(error.message)).finally(() => setComing(""));
  };
  if (!about.twin)
    return <label>Task <input value={sentence} required minLength={4} maxLength={200} placeholder="Pick up the red cube." onInput={(event) => onSentence(event.currentTarget.value)} /></label>;
  if (!choices.may_change || me.role !== "teacher") return <label>Task <output>{choices.sentence}</output></label>;
  return (
    <>
      <label>
        Task
        <select name="task" value={coming || about.task} disabled={Boolean(coming)} onChange={(event) => set(event.currentTarget.value)}>
          {choices.tasks.map((each) => <option key={each.name} value={each.name}>{each.words}</option>)}
        </select>
      </label>
      {coming && <p class="quiet" role="status">The arm goes home, and the table is set anew …{elapsed}</p>}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </>
  );
}

function Waiting({ data, busy }: { data: Dataset; busy: boolean }) {
  const [trouble, setTrouble] = useState("");
  const finish = () => post("/api/teach/finish", { data: data.name }).then(() => setTrouble(""), (error) => setTrouble(error.message));
  return (
    <div class="panel line" data-waiting={data.name}>
      <span class="grow">{data.waiting} {data.waiting === 1 ? "take waits" : "takes wait"} to become the dataset <b>{data.name}</b>. Nothing is lost.</span>
      <button disabled={busy} onClick={finish}>{busy ? "It is being made …" : "Make the dataset"}</button>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </div>
  );
}

const SIZES = [[96, "96 pixels: small and quick, what nano learns from"], [240, "240 pixels"], [480, "480 pixels: large and slow"]] as const;

function Expert({ about, choices, names }: { about: About; choices: Choices; names: string[] }) {
  const [task, setTask] = useState(about.task), [count, setCount] = useState("50"), [data, setData] = useState(""), [size, setSize] = useState(96);
  const [trouble, setTrouble] = useState("");
  const name = data.trim() || free(`${task}-expert`, names);
  const show = (event: Event) => {
    event.preventDefault();
    const request = { data: name, task, episodes: Number(count), image_size: size };
    post("/api/expert", request).then(() => (setTrouble(""), setData("")), (error) => setTrouble(error.message));
  };
  return (
    <form class="panel form" onSubmit={show}>
      <h2>Let the expert show it</h2>
      <p class="quiet">A scripted hand does the task in simulation, many times faster than life, each time in another scene.</p>
      <label>
        Task
        <select value={task} onChange={(event) => setTask(event.currentTarget.value)}>
          {choices.tasks.map((each) => <option key={each.name} value={each.name}>{each.words}</option>)}
        </select>
      </label>
      <label>
        How often
        <input type="number" min={1} max={5000} required value={count} onInput={(event) => setCount(event.currentTarget.value)} />
      </label>
      <label>
        Dataset
        <input value={data} placeholder={name} pattern={NAME} title={NAME_WORDS} maxLength={130} onInput={(event) => setData(event.currentTarget.value)} />
      </label>
      <label>
        Pictures
        <select value={String(size)} onChange={(event) => setSize(Number(event.currentTarget.value))}>
          {SIZES.map(([pixels, words]) => <option key={pixels} value={String(pixels)}>{words}</option>)}
        </select>
      </label>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <div class="choices">
        <button class="main">Show {count || 0} into {name}</button>
      </div>
    </form>
  );
}
