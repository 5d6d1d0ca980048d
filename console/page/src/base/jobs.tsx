// Long work: how it stands, and what can be done about it. The commands run on when this page is closed.
import { useEffect, useState } from "preact/hooks";
import { post } from "./ask";
import type { Job, Me } from "./types";

export const isOver = (job: Job) => job.state === "done" || job.state === "failed" || job.state === "stopped";

/** One job: its title, how far it is, and its buttons. */
export function JobCard({ job, me, children }: { job: Job; me: Me; children?: preact.ComponentChildren }) {
  const [trouble, setTrouble] = useState("");
  useSeconds(!isOver(job));
  const tell = (what: string) => () => post(`/api/jobs/${job.number}/${what}`).then(() => setTrouble(""), (error) => setTrouble(error.message));
  const mine = me.role === "teacher" || (me.role === "student" && me.owner === job.owner);
  return (
    <article class={`panel job ${job.state}`} data-job={job.number} data-state={job.state} aria-label={job.title}>
      <div class="line">
        <b class="grow">{job.title}</b>
        <span role="status">{stands(job)}</span>
        {mine && !isOver(job) && <button disabled={job.state === "stopping"} onClick={tell("stop")}>Stop</button>}
        {mine && (job.state === "failed" || job.state === "stopped") && <button onClick={tell("again")}>Go on</button>}
        {mine && isOver(job) && <button onClick={tell("forget")} aria-label={`Off the list: ${job.title}`}>Off the list</button>}
      </div>
      {!isOver(job) && <progress value={job.fraction || undefined} max={1} aria-label={`How far: ${job.title}`} />}
      {job.words && <p class={job.state === "failed" ? "bad" : "quiet"}>{job.words}</p>}
      {children}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <details>
        <summary>As you would type it</summary>
        <code>{job.line}</code>
      </details>
    </article>
  );
}

function stands(job: Job): string {
  if (job.state === "waiting") return "waits for its turn";
  if (isOver(job)) return job.began_s && job.ended_s ? `${job.state} after ${duration(job.ended_s - job.began_s)}` : job.state;
  const left = job.left_s === null ? since(job) : `${duration(job.left_s)} left`;
  return [job.state === "stopping" ? "saves and ends" : job.stage || "starting …", job.note, left].filter(Boolean).join(" · ");
}

/** How long it has gone on, where nobody can say how long it still will. */
export const since = (job: Job) => (job.began_s ? `for ${duration(Math.max(0, Date.now() / 1000 - job.began_s))}` : "");

/** Draw anew each second: time goes by where nothing else is told. */
export function useSeconds(on: boolean): void {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = on ? setInterval(() => again((count) => count + 1), 1000) : 0;
    return () => clearInterval(timer);
  }, [on]);
}

/** As armchair.terminal.progress says it: 40 s, 2 min 05 s, 1 h 10 min. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds), two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
