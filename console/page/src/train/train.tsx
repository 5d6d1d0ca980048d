// Train: choose data and policy, see what it takes, watch the losses of several trainings side by side.
import { useEffect, useState } from "preact/hooks";
import { isOver, JobCard } from "../base/jobs";
import { get, post } from "../base/ask";
import { Plot, type Curve } from "./plot";
import { useJobs } from "../base/use";
import type { Job, Me } from "../base/types";

interface Choices {
  datasets: { name: string; episodes: number; frames: number; task: string | null }[];
  policies: Record<string, string>;
  presets: string[];
  runs: string[];
  free: string;
}

interface Row {
  step: number;
  elapsed_s: number;
  loss: number | null;
  val_loss: number | null;
}

const MOST = 6; // curves that can be told apart
const EVERY_MS = 2000;

export function Train({ me }: { me: Me }) {
  const jobs = useJobs("train", "estimate");
  const [choices, setChoices] = useState<Choices | null>(null), [trouble, setTrouble] = useState("");
  const [hidden, setHidden] = useState<string[]>([]);
  const changes = jobs.map((job) => `${job.number}${job.state}`).join();
  useEffect(() => void get<Choices>("/api/train").then(setChoices, (error) => setTrouble(error.message)), [changes]);
  const live = jobs.filter((job) => job.kind === "train" && (job.state === "running" || job.state === "stopping")).map((job) => job.out);
  const names = [...new Set([...live, ...(choices?.runs ?? [])])].slice(0, MOST);
  const curves = useCurves(names.filter((name) => !hidden.includes(name)), live);
  const toggle = (name: string) => setHidden(hidden.includes(name) ? hidden.filter((each) => each !== name) : [...hidden, name]);
  return (
    <main class="two train">
      <section aria-label="New training">
        {me.role === "view" ? <p class="panel quiet">Your link is for watching: the trainings of others are on this page.</p> : choices && <Begin choices={choices} />}
        {trouble && <p class="panel bad" role="alert">{trouble}</p>}
        {jobs.map((job) => (
          <JobCard key={job.number} job={job} me={me}>
            {job.kind === "estimate" && job.state === "done" && <Estimate job={job} />}
            {job.kind === "train" && job.state === "done" && <a href="#judge">How good is it? Judge it in scenes that it has never seen.</a>}
          </JobCard>
        ))}
      </section>
      <section aria-label="Losses">
        <div class="panel">
          <h2>Losses</h2>
          <Plot curves={curves} x="minutes of training" y="line: loss while training · dots: on held-out episodes" />
          {names.length > 1 && (
            <div class="choices" role="group" aria-label="Which curves">
              {names.map((name) => <button key={name} aria-pressed={!hidden.includes(name)} onClick={() => toggle(name)}>{name}</button>)}
            </div>
          )}
        </div>
      </section>
    </main>
  );
}

/** The curves of these trainings; those that are under way are asked for again and again. */
function useCurves(names: string[], live: string[]): Curve[] {
  const [rows, setRows] = useState<Record<string, Row[]>>({});
  const wanted = names.join("\n"), growing = live.join("\n");
  useEffect(() => {
    const fetchRows = (name: string) =>
      get<{ rows: Row[] }>(`/api/train/curve?name=${encodeURIComponent(name)}`).then((found) => setRows((all) => ({ ...all, [name]: found.rows })), () => undefined);
    names.forEach(fetchRows);
    const timer = setInterval(() => names.filter((name) => live.includes(name)).forEach(fetchRows), EVERY_MS);
    return () => clearInterval(timer);
  }, [wanted, growing]);
  const points = (found: Row[], key: "loss" | "val_loss") => found.filter((row) => row[key] !== null).map((row): [number, number] => [row.elapsed_s / 60, row[key]!]);
  return names.map((name) => ({ name, line: points(rows[name] ?? [], "loss"), dots: points(rows[name] ?? [], "val_loss") }));
}

function Begin({ choices }: { choices: Choices }) {
  const [datasets, setDatasets] = useState<string[]>([]), [policy, setPolicy] = useState("nano"), [preset, setPreset] = useState("");
  const [length, setLength] = useState("8"), [unit, setUnit] = useState("minutes"), [out, setOut] = useState(""), [trouble, setTrouble] = useState("");
  const chosen = datasets.length ? datasets : choices.datasets.slice(0, 1).map((each) => each.name);
  const nano = policy === "nano", choose = (name: string, on: boolean) => setDatasets(on ? [...(nano ? datasets : []), name] : datasets.filter((each) => each !== name));
  const request = { datasets: chosen, policy, preset: (!nano && preset) || null, out: out || choices.free, [unit]: Number(length) };
  const send = (path: string) => () => post<Job>(path, request).then(() => (setTrouble(""), path === "/api/train" && setOut("")), (error) => setTrouble(error.message));
  const frames = choices.datasets.filter((each) => chosen.includes(each.name)).reduce((sum, each) => sum + each.frames, 0);
  if (!choices.datasets.length) return <p class="panel">No dataset is here yet, and a policy learns from one. <a href="#teach">Teach</a> the arm something, or let the expert show it.</p>;
  return (
    <form class="panel form" aria-label="New training" onSubmit={(event) => event.preventDefault()}>
      <h2>Train a policy</h2>
      <fieldset>
        <legend>Learn from</legend>
        {choices.datasets.map((each) => (
          <label key={each.name} class="pick">
            <input type={nano ? "checkbox" : "radio"} name="dataset" checked={chosen.includes(each.name)} onChange={(event) => choose(each.name, event.currentTarget.checked)} />
            <span><b>{each.name}</b> <span class="quiet">{[each.task, `${each.episodes} episodes`, `${each.frames.toLocaleString("en")} frames`].filter(Boolean).join(" · ")}</span></span>
          </label>
        ))}
      </fieldset>
      <label>Policy
        <select value={policy} onChange={(event) => (setPolicy(event.currentTarget.value), setDatasets(chosen.slice(0, 1)))}>
          {Object.keys(choices.policies).map((name) => <option key={name}>{name}</option>)}
        </select>
      </label>
      <p class="quiet">{choices.policies[policy]}</p>
      {!nano && (
        <label>Preset
          <select value={preset} onChange={(event) => setPreset(event.currentTarget.value)}>
            <option value="">what this machine has</option>
            {choices.presets.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
      )}
      <div class="line">
        <label>For
          <input type="number" min="0" step="any" value={length} onInput={(event) => setLength(event.currentTarget.value)} aria-label="How long" />
        </label>
        <select value={unit} onChange={(event) => setUnit(event.currentTarget.value)} aria-label="Minutes or steps">
          <option>minutes</option>
          <option>steps</option>
        </select>
        <label class="grow">Call it
          <input value={out} placeholder={choices.free} onInput={(event) => setOut(event.currentTarget.value)} aria-label="Name of the policy's folder" />
        </label>
      </div>
      {nano && unit === "minutes" && <p role="note">{`It trains for ${length} minutes, once ${frames.toLocaleString("en")} frames of video are decoded. Stop keeps what was learnt.`}</p>}
      <div class="choices">
        <button class="main" onClick={send("/api/train")}>Train</button>
        {!nano && <button onClick={send("/api/train/estimate")}>Measure first what it takes</button>}
      </div>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </form>
  );
}

/** What `armchair train --estimate` has said. */
function Estimate({ job }: { job: Job }) {
  const [log, setLog] = useState("");
  useEffect(() => void get<{ log: string }>(`/api/jobs/${job.number}/log`).then((found) => setLog(found.log), () => undefined), [isOver(job)]);
  return <ul class="said">{log.split("\n").filter(Boolean).map((line) => <li key={line}>{line}</li>)}</ul>;
}
