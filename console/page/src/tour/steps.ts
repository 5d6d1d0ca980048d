// The steps of the tour, and how far each of them is.
import { useEffect, useState } from "preact/hooks";
import { isOver } from "../base/jobs";
import { get, post } from "../base/ask";
import { link } from "../base/link";
import { free } from "../base/names";
import { useJobs } from "../base/use";
import type { Evaluation, Job, Me, News } from "../base/types";

// Small sizes, so that each step takes some minutes on two cores. Reaching is the task that is learnt soonest.
export const TASK = "reach", EPISODES = 20, STEPS = 2000, SCENES = 20;
const DATA = "tour-data", POLICY = "tour-policy", REPORT = "tour-report";
const MOVED_DEG = 6;

export interface Step {
  name: string;
  view: string;
  title: string;
  words: string;
  act?: { words: string; kind: string; out: string; begin: (here: Here) => Promise<unknown> };
}

const STEP_WORDS = STEPS.toLocaleString("en");

export const TOUR: Step[] = [
  { name: "see", view: "live", title: "See", words: "This is an arm, as its two cameras and its six servos tell it. It is a simulated one: nothing can break. Drag the 3-D picture to walk around it." },
  { name: "drive", view: "drive", title: "Drive", words: "Press Take the wheel. Then drag on a pad, or hold W on a keyboard: the arm moves as long as you do. Left is left in the large picture. STOP holds it, at any time, for anybody." },
  {
    name: "teach", view: "teach", title: "Teach", words: `A policy learns from examples. You can record your own here; for now let the scripted expert show how to ${TASK} the ball, ${EPISODES} times.`,
    act: { words: `Let the expert show ${EPISODES}`, kind: "record", out: DATA, begin: () => post("/api/expert", { data: DATA, task: TASK, episodes: EPISODES, image_size: 96 }) },
  },
  {
    name: "train", view: "train", title: "Train", words: `Now a small network learns from these examples what to do when it sees the ball: watch its loss fall, for ${STEP_WORDS} steps. How long that takes here is said as soon as it goes; who stops it keeps what was learnt.`,
    act: { words: `Train for ${STEP_WORDS} steps`, kind: "train", out: POLICY, begin: () => post("/api/train", { datasets: [DATA], policy: "nano", steps: STEPS, out: POLICY }) },
  },
  {
    name: "judge", view: "judge", title: "Judge", words: `How good is it? Let it try ${SCENES} scenes that it has never seen. The pale band is how sure ${SCENES} scenes can be; the films show what went wrong.`,
    act: {
      words: `Judge it in ${SCENES} scenes`, kind: "eval", out: REPORT,
      begin: ({ evaluations, jobs }) => post("/api/judge", { policy: POLICY, task: TASK, episodes: SCENES, out: free(REPORT, [...evaluations.map((each) => each.name), ...jobs.map((job) => job.out)]) }),
    },
  },
  { name: "end", view: "judge", title: "That is all of it", words: "You have seen, driven, taught, trained and judged. Next: let the shipped skill lift move the arm, below, and take it over while it does; or teach a task of your own." },
];

/** What the tour has made so far. */
export interface Here {
  jobs: Job[];
  datasets: string[];
  policies: string[];
  evaluations: Evaluation[];
  skills: Record<string, { successes: number; episodes: number; steps: number; examples: number }>; // that ship
}

export function useHere(): Here {
  const jobs = useJobs(), [found, setFound] = useState<Omit<Here, "jobs">>({ datasets: [], policies: [], evaluations: [], skills: {} });
  const changes = jobs.map((job) => `${job.number}${job.state}`).join();
  useEffect(() => {
    const both = Promise.all([get<{ name: string }[]>("/api/datasets"), get<{ contenders: string[]; evaluations: Evaluation[]; skills: Here["skills"] }>("/api/judge")]);
    both.then(([data, { contenders, evaluations, skills }]) => setFound({ datasets: data.map((each) => each.name), policies: contenders, evaluations, skills }), () => undefined);
  }, [changes]);
  return { jobs, ...found };
}

const isOf = (job: Job, kind: string, out: string) => job.kind === kind && (job.out === out || (kind === "eval" && job.out.startsWith(`${out}-`)));

/** The newest job of a step. */
export const jobOf = ({ jobs }: Here, { act }: Step) => (act ? jobs.find((job) => isOf(job, act.kind, act.out)) : undefined);

/** The newest report on what the tour's policy has learnt by now; none after it was trained on. */
export function reportOf(here: Here): Evaluation | undefined {
  const { jobs, evaluations } = here, trained = jobs.find((job) => isOf(job, "train", POLICY)), judged = jobs.find((job) => isOf(job, "eval", REPORT));
  if (trained && (!isOver(trained) || (judged && judged.number < trained.number))) return undefined;
  if (judged && !isOver(judged)) return undefined;
  return evaluations.find((each) => each.policy === POLICY && each.name.startsWith(REPORT));
}

/** Train what has been trained for `steps` for as many more again as the tour does. */
export const trainOn = (steps: number) => post("/api/train", { datasets: [DATA], policy: "nano", steps: steps + STEPS, out: POLICY, resume: true });

export const stepsTrained = () =>
  get<{ rows: { step: number }[] }>(`/api/train/curve?name=${POLICY}`).then(({ rows }) => rows[rows.length - 1]?.step ?? 0);

/** Whether what a step asks for has been done; once it has, it stays so, unless more is asked for. */
export function useDone(step: Step, here: Here, me: Me, news: News): boolean {
  const [done, setDone] = useState<string[]>([]), [from, setFrom] = useState<number[] | null>(null);
  const drives = news.driver === me.you, state = news.arm.state, job = jobOf(here, step), idle = !job || isOver(job);
  const is: Record<string, boolean> = {
    see: news.arm.phase === "driving" && link.pictures > 0,
    drive: drives && from !== null && state !== undefined && state.some((at, i) => Math.abs(at - from[i]) > MOVED_DEG),
    teach: idle && here.datasets.includes(DATA),
    train: idle && here.policies.includes(POLICY),
    judge: reportOf(here) !== undefined,
  };
  useEffect(() => setFrom(drives && state ? state : null), [drives]);
  useEffect(() => {
    if (is[step.name] && !step.act && !done.includes(step.name)) setDone([...done, step.name]);
  }, [is[step.name], step.name]);
  return is[step.name] || done.includes(step.name);
}
