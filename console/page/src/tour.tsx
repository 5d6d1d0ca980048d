// A first visit is led through see, drive, teach, train and judge, in the twin: about ten minutes, no arm, no account.
import { useEffect, useState } from "preact/hooks";
import { duration, isOver } from "./base/jobs";
import { link, post } from "./base/link";
import { useJobs } from "./base/use";
import type { Job, Me, News } from "./base/types";

// Small sizes, so that each step takes a minute or two on two cores. Reaching is the task that is learnt soonest.
const TASK = "reach", EPISODES = 20, MINUTES = 2, SCENES = 20;
const DATA = "tour-data", POLICY = "tour-policy", REPORT = "tour-report";
const MOVED_DEG = 6;
const KEPT = "armchair-tour"; // in this browser: which step, or "left"

interface Step {
  name: string;
  view: string;
  title: string;
  words: string;
  act?: { words: string; out: string; kind: string; begin: () => Promise<unknown> };
}

const STEPS: Step[] = [
  { name: "see", view: "live", title: "See", words: "This is an arm, as its two cameras and its six servos tell it. It is a simulated one: nothing can break. Drag the 3-D picture to walk around it." },
  { name: "drive", view: "drive", title: "Drive", words: "Take the wheel, then hold W or drag on a pad: the arm moves as long as you do. STOP or Esc holds it, at any time, for anybody." },
  {
    name: "teach", view: "teach", title: "Teach", words: `A policy learns from examples. You can record your own here; for now let the scripted expert show how to ${TASK} the ball, ${EPISODES} times.`,
    act: { words: `Let the expert show ${EPISODES}`, out: DATA, kind: "record", begin: () => post("/api/expert", { data: DATA, task: TASK, episodes: EPISODES, image_size: 96 }) },
  },
  {
    name: "train", view: "train", title: "Train", words: `Now a small network learns from these examples what to do when it sees the ball. Watch its loss fall for ${MINUTES} minutes.`,
    act: { words: `Train for ${MINUTES} minutes`, out: POLICY, kind: "train", begin: () => post("/api/train", { datasets: [DATA], policy: "nano", minutes: MINUTES, out: POLICY }) },
  },
  {
    name: "judge", view: "judge", title: "Judge", words: `How good is it? Let it try ${SCENES} scenes that it has never seen. The pale band is how sure ${SCENES} scenes can be; the films show what went wrong.`,
    act: { words: `Judge it in ${SCENES} scenes`, out: REPORT, kind: "eval", begin: () => post("/api/judge", { policy: POLICY, task: TASK, episodes: SCENES, out: REPORT }) },
  },
  { name: "end", view: "judge", title: "That is all of it", words: "You have seen, driven, taught, trained and judged. Next: let the shipped skill lift move the arm, below, and take it over while it does; or teach a task of your own." },
];

const kept = () => localStorage.getItem(KEPT) ?? "0";

/** The step that is shown, -1 for none, and a way to another. */
export function useTour(): [step: number, go: (step: number) => void] {
  const [step, setStep] = useState(() => (kept() === "left" ? -1 : Math.min(Number(kept()) || 0, STEPS.length - 1)));
  return [step, (next) => {
    localStorage.setItem(KEPT, next < 0 || next >= STEPS.length ? "left" : String(next));
    setStep(next >= STEPS.length ? -1 : next);
    if (STEPS[next]) location.hash = STEPS[next].view;
  }];
}

export function Tour({ step, go, me, news }: { step: number; go: (step: number) => void; me: Me; news: News }) {
  const now = STEPS[step], done = useDone(now, me, news), [trouble, setTrouble] = useState("");
  const job = useJobs().find((each) => each.out === now.act?.out && each.kind === now.act?.kind);
  const begin = () => now.act!.begin().then(() => setTrouble(""), (error) => setTrouble(error.message));
  const steps = STEPS.length - 1, last = step === steps;
  return (
    <aside class="panel tour" aria-label="Tour" data-step={now.name}>
      <div class="line">
        <h2 class="grow">{last ? now.title : `Tour ${step + 1} of ${steps}: ${now.title}`}</h2>
        {!last && <progress value={step + (done ? 1 : 0)} max={steps} aria-label="How far the tour is" />}
        {step > 0 && <button onClick={() => go(step - 1)}>Back</button>}
        {!last && <button class={done ? "main" : ""} onClick={() => go(step + 1)}>{done ? "Next" : "Skip"}</button>}
        <button onClick={() => go(-1)}>{last ? "End the tour" : "Leave the tour"}</button>
      </div>
      <p>{now.words}</p>
      {now.act && (
        <div class="line" role="status">
          {!job && !done && <button class="main" onClick={begin}>{now.act.words}</button>}
          {job && stands(job) && <span>{stands(job)}</span>}
          {done && <b class="grow">Done. Go on with Next.</b>}
        </div>
      )}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </aside>
  );
}

function stands(job: Job): string {
  if (job.state === "waiting") return "It waits for its turn.";
  if (isOver(job)) return job.state === "done" ? "" : `It has ${job.state}: ${job.words}`;
  return [job.stage, job.note, job.left_s === null ? "" : `${duration(job.left_s)} left`].filter(Boolean).join(" · ");
}

/** Whether what a step asks for has been done; once it has, it stays so. */
function useDone(step: Step, me: Me, news: News): boolean {
  const [done, setDone] = useState<string[]>([]), [from, setFrom] = useState<number[] | null>(null);
  const jobs = useJobs(), drives = news.driver === me.you, state = news.arm.state;
  const is = step.name === "see" ? news.arm.phase === "driving" && link.pictures > 0
    : step.name === "drive" ? drives && from !== null && state !== undefined && state.some((at, i) => Math.abs(at - from[i]) > MOVED_DEG)
    : jobs.some((job) => job.out === step.act?.out && job.kind === step.act?.kind && job.state === "done");
  useEffect(() => setFrom(drives && state ? state : null), [drives]);
  useEffect(() => {
    if (is && !done.includes(step.name)) setDone([...done, step.name]);
  }, [is, step.name]);
  return is || done.includes(step.name);
}
