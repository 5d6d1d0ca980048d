// Judge: how often a policy succeeds in scenes that it has never seen, where, and whether another is better.
import { useEffect, useState } from "preact/hooks";
import { Compare } from "./compare";
import { isOver, JobCard } from "../base/jobs";
import { Run } from "./run";
import { get, post } from "../base/ask";
import { Band, Films, TableMap, type Look } from "./score";
import { useJobs } from "../base/use";
import type { About, Evaluation, Job, Me, News } from "../base/types";

interface Choices {
  contenders: string[];
  tasks: string[];
  free: string;
  evaluations: Evaluation[];
}

const EVERY_MS = 2000;

export function Judge({ me, about, news }: { me: Me; about: About; news: News }) {
  const jobs = useJobs("eval");
  const [choices, setChoices] = useState<Choices | null>(null), [trouble, setTrouble] = useState(""), [shown, setShown] = useState("");
  const changes = [...jobs.map((job) => `${job.number}${job.state}`), news.arm.attempt?.said].join();
  useEffect(() => void get<Choices>("/api/judge").then(setChoices, (error) => setTrouble(error.message)), [changes]);
  const evaluations = choices?.evaluations ?? [], sound = evaluations.filter((each) => !each.trouble);
  const name = shown || evaluations[0]?.name || "";
  return (
    <main class="two judge">
      <section aria-label="New evaluation">
        {me.role !== "view" && choices && <Begin choices={choices} />}
        {trouble && <p class="panel bad" role="alert">{trouble}</p>}
        {jobs.map((job) => (
          <JobCard key={job.number} job={job} me={me}>
            {job.state !== "waiting" && job.state !== "done" && <Tally job={job} />}
            {job.state === "done" && <div class="choices"><button onClick={() => setShown(job.out)}>Look at it</button></div>}
          </JobCard>
        ))}
        {me.role !== "view" && choices && <Run policies={choices.contenders.filter((each) => each !== "expert")} me={me} news={news} twin={about.twin} />}
        {sound.length > 1 && <Compare evaluations={sound} />}
      </section>
      <section aria-label="Result">
        {evaluations.length > 0 ? (
          <div class="panel form">
            <label>Result of
              <select aria-label="Which result" value={name} onChange={(event) => setShown(event.currentTarget.value)}>
                {evaluations.map((each) => <option key={each.name} value={each.name}>{each.trouble ? `${each.name}: cannot be read` : `${each.name}: ${each.policy} at ${each.task}`}</option>)}
              </select>
            </label>
            <Result key={name} name={name} />
          </div>
        ) : choices && <p class="panel quiet empty">What comes of an evaluation is shown here: how often, where on the table, and films of what went wrong.</p>}
      </section>
    </main>
  );
}

/** An evaluation, asked for again while `live`, and why it cannot be read. */
function useLook(name: string, live: boolean): [look: Look | null, trouble: string] {
  const [look, set] = useState<Look | null>(null), [trouble, setTrouble] = useState("");
  useEffect(() => {
    const fetchLook = () =>
      void get<Look>(`/api/judge/evaluation?name=${encodeURIComponent(name)}`).then((found) => (set(found), setTrouble("")), (error) => setTrouble(error.message));
    fetchLook();
    const timer = live ? setInterval(fetchLook, EVERY_MS) : 0;
    return () => clearInterval(timer);
  }, [name, live]);
  return [look, trouble];
}

function Tally({ job }: { job: Job }) {
  const [look] = useLook(job.out, !isOver(job));
  return look && look.episodes > 0 ? <Band {...look} /> : null;
}

function Result({ name }: { name: string }) {
  const [look, trouble] = useLook(name, false);
  if (trouble) return <p class="bad" role="alert">{trouble}</p>;
  if (!look) return <p class="quiet">Reading {name} …</p>;
  return (
    <div class="result" data-result={name}>
      <Band {...look} />
      <ul class="endings">
        {Object.entries(look.endings).map(([ending, count]) => <li key={ending}><b>{count}</b> {ending}</li>)}
      </ul>
      <TableMap {...look} />
      <Films {...look} />
    </div>
  );
}

function Begin({ choices }: { choices: Choices }) {
  const [policy, setPolicy] = useState(""), [task, setTask] = useState(""), [episodes, setEpisodes] = useState("50"), [out, setOut] = useState(""), [trouble, setTrouble] = useState("");
  const chosen = choices.contenders.includes(policy) ? policy : choices.contenders[0];
  const request = { policy: chosen, task: task || null, episodes: Number(episodes), out: out || choices.free };
  const send = () => post<Job>("/api/judge", request).then(() => (setTrouble(""), setOut("")), (error) => setTrouble(error.message));
  return (
    <form class="panel form" aria-label="New evaluation" onSubmit={(event) => event.preventDefault()}>
      <h2>Judge a policy</h2>
      <label>Policy
        <select value={chosen} onChange={(event) => setPolicy(event.currentTarget.value)} aria-label="Policy to judge">
          {choices.contenders.map((name) => <option key={name}>{name}</option>)}
        </select>
      </label>
      <div class="line">
        <label>At
          <select value={task} onChange={(event) => setTask(event.currentTarget.value)} aria-label="Task">
            <option value="">its own task</option>
            {choices.tasks.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
        <label>in
          <input type="number" min="1" max="2000" value={episodes} onInput={(event) => setEpisodes(event.currentTarget.value)} aria-label="How many scenes" /> scenes
        </label>
        <label class="grow">Call it
          <input value={out} placeholder={choices.free} onInput={(event) => setOut(event.currentTarget.value)} aria-label="Name of the report's folder" />
        </label>
      </div>
      <p role="note">{halfWidth(Number(episodes))}</p>
      <div class="choices"><button class="main" onClick={send}>Judge</button></div>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </form>
  );
}

/** How sure so many scenes can make, at the worst. */
function halfWidth(scenes: number): string {
  if (!(scenes >= 1)) return "";
  const width = (100 * 1.96) / (2 * Math.sqrt(scenes + 1.96 ** 2)); // half of Wilson's interval at a rate of one half
  return `In scenes that it has never seen. ${scenes} of them tell its success rate to within ${width.toFixed(0)} points at the worst.`;
}
