// The datasets that are here, their episodes, and one of them to look at, to tag and to remove.
import { useEffect, useState } from "preact/hooks";
import { JobCard } from "../base/jobs";
import { get, post } from "../base/ask";
import { named, toData } from "../base/names";
import { Player } from "./player";
import type { Dataset, Episode, EpisodeRow, Me } from "../base/types";
import { useJobs } from "../base/use";

export function Data({ me }: { me: Me }) {
  const jobs = useJobs("build", "record", "remove", "check"), states = jobs.map((job) => job.state).join();
  const [all, setAll] = useState<Dataset[] | null>(null), [trouble, setTrouble] = useState(""), [name, setName] = useState(named());
  useEffect(() => void get<Dataset[]>("/api/datasets").then(setAll, (error) => setTrouble(error.message)), [states]);
  useEffect(() => {
    const move = () => setName(named());
    addEventListener("hashchange", move);
    return () => removeEventListener("hashchange", move);
  }, []);
  if (!all) return <main>{trouble && <p class="panel bad" role="alert">{trouble}</p>}</main>;
  const ready = all.filter((each) => each.episodes > 0), chosen = ready.find((each) => each.name === name) ?? ready[0];
  if (!all.length)
    return (
      <main>
        <p class="panel">No dataset is here yet. <a href="#teach">Teach</a> the arm something, or let the expert show it.</p>
      </main>
    );
  return (
    <main class="data">
      <nav class="list" aria-label="Datasets">
        {all.map((each) => (
          <a key={each.name} class="panel" href={toData(each.name)} aria-current={each === chosen ? "true" : undefined}>
            <b>{each.name}</b>
            <span class="quiet">{each.trouble || (each.episodes ? `${counted(each.episodes, "episode")}, ${length(each.seconds)}` : `waits: ${counted(each.waiting, "take")}`)}</span>
            <span class="quiet">{each.tasks.join(" · ")}</span>
          </a>
        ))}
      </nav>
      <div class="episodes">
        {jobs.filter((job) => (job.kind === "remove" || job.kind === "check") && job.state !== "done").map((job) => <JobCard key={job.number} job={job} me={me} />)}
        {chosen && <Episodes key={chosen.name} me={me} data={chosen.name} version={states} />}
      </div>
    </main>
  );
}

const counted = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

function length(seconds: number): string {
  return seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function Episodes({ me, data, version }: { me: Me; data: string; version: string }) {
  const [rows, setRows] = useState<EpisodeRow[]>([]), [index, setIndex] = useState(0), [trouble, setTrouble] = useState("");
  const [episode, setEpisode] = useState<Episode | null>(null);
  const load = () => get<{ episodes: EpisodeRow[] }>(`/api/episodes?${new URLSearchParams({ data })}`).then((found) => setRows(found.episodes), (error) => setTrouble(error.message));
  useEffect(() => void load(), [data, version]);
  const row = rows.find((each) => each.index === index) ?? rows[0];
  useEffect(() => {
    if (!row) return;
    get<Episode>(`/api/episode?${new URLSearchParams({ data, index: String(row.index) })}`).then(setEpisode, (error) => setTrouble(error.message));
  }, [data, row?.index, rows.length]);
  const check = () => post("/api/check", { data }).then(() => setTrouble(""), (error) => setTrouble(error.message));
  return (
    <section aria-label={`Episodes of ${data}`}>
      <div class="panel line">
        <b class="grow">{data}</b>
        {me.role !== "view" && <button onClick={check}>{rows.some((each) => each.verdict) ? "Check again" : "Check every episode"}</button>}
      </div>
      {trouble && <p class="panel bad" role="alert">{trouble}</p>}
      <div class="picker" role="group" aria-label="Episodes">
        {rows.map((each) => (
          <button key={each.index} aria-pressed={each === row} class={each.tags[0] === "bad" || each.verdict?.level === "bad" ? "isbad" : each.tags.includes("good") ? "isgood" : ""} onClick={() => setIndex(each.index)}>
            {each.index} <span class="quiet">{each.seconds.toFixed(1)} s{each.tags.length > 0 && ` · ${each.tags.join(", ")}`}</span>
          </button>
        ))}
      </div>
      {row && episode && episode.index === row.index && <Player key={`${data}/${row.index}/${rows.length}`} data={data} episode={episode} />}
      {row && <About key={`${data}/${row.index}`} me={me} data={data} row={row} onChange={load} last={rows.length === 1} />}
    </section>
  );
}

function About({ me, data, row, onChange, last }: { me: Me; data: string; row: EpisodeRow; onChange: () => void; last: boolean }) {
  const [word, setWord] = useState(""), [trouble, setTrouble] = useState(""), [sure, setSure] = useState(false);
  const failed = (error: Error) => setTrouble(error.message), may = me.role !== "view";
  const tag = (tags: string[]) => post("/api/tags", { data, index: row.index, tags }).then(() => (setTrouble(""), onChange()), failed);
  const toggle = (each: string) => () => tag(row.tags.includes(each) ? row.tags.filter((other) => other !== each) : [...row.tags, each]);
  const add = (event: Event) => {
    event.preventDefault();
    if (word.trim()) tag([...row.tags, word.trim()]).then(() => setWord(""));
  };
  const remove = () => post("/api/remove", { data, episodes: [row.index], sure: true }).then(() => setSure(false), failed);
  const words = ["good", "bad", ...row.tags.filter((each) => each !== "good" && each !== "bad")];
  return (
    <div class="panel form" aria-label={`Episode ${row.index}`} role="group">
      <div class="line">
        <b>Episode {row.index}</b>
        <span class="grow quiet">{row.tasks.join(" · ")}</span>
        {row.verdict && <span class={row.verdict.level === "bad" ? "bad" : "quiet"}>{row.verdict.level}{row.verdict.words && `: ${row.verdict.words}`}</span>}
      </div>
      {may && (
        <form class="choices" onSubmit={add} aria-label="Tags">
          {words.map((each) => <button type="button" key={each} aria-pressed={row.tags.includes(each)} onClick={toggle(each)}>{each}</button>)}
          <input value={word} maxLength={24} aria-label="Another tag" placeholder="another tag" onInput={(event) => setWord(event.currentTarget.value)} />
          <button>Add</button>
        </form>
      )}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      {me.role === "teacher" && (sure ? (
        <div class="line" role="alert">
          <span class="grow">Delete episode {row.index} of {data} for good, its pictures too? The others keep every bit, and those behind it move up.</span>
          <button class="danger" onClick={remove}>Delete for good</button>
          <button onClick={() => setSure(false)}>Keep it</button>
        </div>
      ) : (
        <div class="choices"><button disabled={last} onClick={() => setSure(true)}>Delete this episode …</button>{last && <span class="quiet">A dataset keeps at least one.</span>}</div>
      ))}
    </div>
  );
}
