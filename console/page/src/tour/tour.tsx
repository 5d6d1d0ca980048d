// A first visit is led through see, drive, teach, train and judge, in the twin: some ten minutes, no arm, no account.
import { useEffect, useState } from "preact/hooks";
import { duration, isOver, since } from "../base/jobs";
import { post } from "../base/ask";
import { jobOf, reportOf, SCENES, STEPS, stepsTrained, TOUR, trainOn, useDone, useHere, type Here } from "./steps";
import type { Job, Me, News } from "../base/types";

const KEPT = "armchair-tour"; // in this browser: which step, or "left"
const TRAIN = TOUR.findIndex((step) => step.name === "train");
const LEARNT = 0.8; // of the scenes: below that the tour says why, and what to do

const kept = () => localStorage.getItem(KEPT) ?? "0";

/** The step that is shown, -1 for none, and a way to another. */
export function useTour(): [step: number, go: (step: number) => void] {
  const [step, setStep] = useState(() => (kept() === "left" ? -1 : Math.min(Number(kept()) || 0, TOUR.length - 1)));
  return [step, (next) => {
    localStorage.setItem(KEPT, next < 0 || next >= TOUR.length ? "left" : String(next));
    setStep(next >= TOUR.length ? -1 : next);
    if (TOUR[next]) location.hash = TOUR[next].view;
  }];
}

export function Tour({ step, go, me, news }: { step: number; go: (step: number) => void; me: Me; news: News }) {
  const now = TOUR[step], here = useHere(), done = useDone(now, here, me, news), [trouble, setTrouble] = useState("");
  const job = jobOf(here, now), tell = (asked: Promise<unknown>) => asked.then(() => setTrouble(""), (error) => setTrouble(error.message));
  const steps = TOUR.length - 1, last = step === steps, busy = job !== undefined && !isOver(job);
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
          {!busy && !done && <button class="main" onClick={() => tell(now.act!.begin(here))}>{now.act.words}</button>}
          {job && stands(job, done) && <span>{stands(job, done)}</span>}
          {job && busy && now.name === "train" && <button disabled={job.state === "stopping"} onClick={() => tell(post(`/api/jobs/${job.number}/stop`))}>That is enough</button>}
          {done && <b class="grow">Done. Go on with Next.</b>}
        </div>
      )}
      {last && <Score here={here} go={go} tell={tell} />}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
    </aside>
  );
}

function stands(job: Job, done: boolean): string {
  if (job.state === "waiting") return "It waits for its turn.";
  if (isOver(job)) return job.state === "done" || done ? "" : `It has ${job.state}: ${job.words}`;
  return [job.stage, job.note, job.left_s === null ? since(job) : `${duration(job.left_s)} left`].filter(Boolean).join(" · ");
}

/** How well the tour's policy does, why it is not better, and a button for that. */
function Score({ here, go, tell }: { here: Here; go: (step: number) => void; tell: (asked: Promise<unknown>) => void }) {
  const report = reportOf(here), [steps, setSteps] = useState(0);
  useEffect(() => void stepsTrained().then(setSteps, () => undefined), [report?.name]);
  if (!report || !report.episodes) return null;
  const { successes, episodes } = report, many = (count: number) => count.toLocaleString("en");
  if (successes / episodes >= LEARNT) return <p role="status" data-score="learnt"><b>Your policy succeeded in {successes} of {episodes} scenes</b>, after {many(steps)} steps of training.</p>;
  const [skill, score] = Object.entries(here.skills)[0] ?? [];
  const few = steps < STEPS ? `only ${many(steps)} of ${many(STEPS)} steps were trained` : `${many(steps)} steps are few, and ${SCENES} examples, too`;
  return (
    <div class="line" role="status" data-score="low">
      <p class="grow">
        <b>Your policy succeeded in {successes} of {episodes} scenes</b>, because {few}: nothing is wrong.
        {score && ` The skill ${skill} that ships was trained for ${many(score.steps)} steps on ${score.examples} examples, and does ${score.successes} of ${score.episodes}.`} Train it on, then judge it again.
      </p>
      <button class="main" onClick={() => tell(trainOn(steps).then(() => go(TRAIN)))}>Train it on for {many(STEPS)} steps</button>
    </div>
  );
}
