import { useEffect, useState } from "preact/hooks";
import { link } from "./link";
import type { Job, Me, News } from "./types";

const EVERY_MS = 80; // words that change more often cannot be read; and who watches is told every 100

/** The newest news, ten times a second. */
export function useNews(): News | null {
  const [news, set] = useState<News | null>(link.news);
  useEffect(() => {
    let last = 0;
    return link.onNews.add((value) => {
      if (performance.now() - last < EVERY_MS) return;
      last = performance.now();
      set(value);
    });
  }, []);
  return news;
}

export function useMe(): { me: Me | null; trouble: string } {
  const [, again] = useState(0);
  useEffect(() => link.onChange.add(() => again((count) => count + 1)), []);
  return { me: link.me, trouble: link.trouble };
}

/** All jobs, the newest first; of one kind if it is named. */
export function useJobs(...kinds: string[]): Job[] {
  const [jobs, set] = useState<Job[]>(link.jobs);
  useEffect(() => link.onJobs.add(set), []);
  return kinds.length ? jobs.filter((job) => kinds.includes(job.kind)) : jobs;
}

/** How long `busy` has been so, for buttons whose work has no known end: "", then " 5 s". */
export function useElapsed(busy: boolean): string {
  const [seconds, set] = useState(0);
  useEffect(() => {
    set(0);
    const began = performance.now(), timer = busy ? setInterval(() => set(Math.round((performance.now() - began) / 1000)), 1000) : 0;
    return () => clearInterval(timer);
  }, [busy]);
  return busy && seconds ? ` ${seconds} s` : "";
}
