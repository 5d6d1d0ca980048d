// What the server says. The names are those of console/armchair/web/server/broadcast.py and web/arm/status.py.

export const JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"];

export type Role = "view" | "student" | "teacher";
export type Phase = "opening" | "driving" | "going" | "halted" | "released" | "doctor";

// console/armchair/web/arm/policy_run.py
export interface Attempt {
  policy: string;
  wanted: number;
  ended: number;
  successes: number;
  helped: number; // trials in which a person had a hand
  last: string;
  status: string;
  said: string | null;
  phase: "loading" | "waiting" | "trying" | "yours" | "over";
  left_s: number;
  out: string;
}

export interface ArmNews {
  phase: Phase;
  words: string;
  warnings?: string[];
  fps?: number;
  attempt?: Attempt;
  // While the arm is held; degrees, gripper 0 to 100:
  stopped?: boolean;
  hand?: string;
  held_back?: string;
  rate_hz?: number;
  jitter_ms?: number;
  state?: number[];
  sent?: number[];
  low?: number[];
  high?: number[];
  lesson?: Lesson; // the newest
  servos?: Record<string, [load: number, current_a: number, voltage_v: number, temperature_c: number]>;
}

export interface News {
  arm: ArmNews;
  poses: number[][]; // x y z in metres, then w x y z, for each body
  shown_scene: number;
  task: string;
  driver: number | null;
  asking: number[];
  stop?: { by: string; times: number } | null; // who has pressed STOP last
  viewers: { id: number; name: string }[];
  twin: { scene: number; success: boolean; faults: string[] } | null;
}

/** What is not as it was told last: console/armchair/web/server/news.py. */
export type NewsChanges = Partial<Omit<News, "arm">> & { arm: Partial<ArmNews>; gone?: string[] };

export interface Me {
  you: number;
  name: string;
  role: Role;
  owner: string; // what stands for this visitor at their jobs
}

export type JobState = "waiting" | "running" | "stopping" | "done" | "failed" | "stopped";

// console/armchair/web/jobs/folder.py
export interface Job {
  number: number;
  kind: string;
  title: string;
  line: string; // as it is typed
  out: string;
  owner: string;
  state: JobState;
  words: string; // on an end that is not as asked for
  stage: string;
  fraction: number; // of the stage
  note: string;
  left_s: number | null;
  began_s: number | null;
  ended_s: number | null;
}

export interface About {
  arm: string;
  task: string;
  instruction: string | null;
  twin: boolean;
  cameras: string[];
  front: [x: number, y: number, z: number] | null; // from what the front camera shows to it, in the arm's frame
}

export interface Picture {
  camera: string;
  bitmap: ImageBitmap;
  ageS: number; // when it came
  cameAt: number; // performance.now()
}

/** A geom of the 3-D scene, 0 to 1; what it looks like is the packed mesh of the same place. */
export interface Surface {
  body: number;
  rgba: number[];
  roughness: number;
  metallic: number;
}

// console/armchair/web/drive/scene_3d.py; metres in the arm's frame
export interface Stage3D {
  bodies: string[];
  geoms: Surface[];
  meshes: string; // the version of the packed meshes
  tip: { body: number; at: [x: number, y: number, z: number] }; // the grasp point, in its body's frame
  reach: { at: [x: number, y: number]; radius: number; pan: number };
}

export interface Finding {
  level: "broken" | "wrong" | "notice";
  sure: string;
  what: string;
  todo: string;
  at: string;
}

// console/armchair/web/arm/recording.py: a recording as it goes, or as it ended.
export interface Lesson {
  number: number;
  dataset: string;
  hand: "wheel" | "leader";
  kept: number;
  last: { kept: boolean; steps: number; words: string; level: "good" | "odd" | "bad" } | null;
  slow: string; // that this computer is too slow for the takes, and what to do; "" if it is not
  ended: string | null;
  failed: boolean;
  phase: "waiting" | "recording" | "saving" | "over";
  left_s: number | null; // null: nobody waits for a clock
  rate_hz: number;
  behind: number;
  free_bytes: number;
}

// console/armchair/web/teach/library.py
export interface Dataset {
  name: string;
  waiting: number; // takes of which it has not been made yet
  held: boolean; // they are being recorded now
  episodes: number;
  seconds: number;
  tasks: string[];
  cameras: string[];
  trouble: string;
}

export interface EpisodeRow {
  index: number;
  seconds: number;
  tasks: string[];
  tags: string[];
  verdict: { level: "good" | "odd" | "bad"; words: string } | null;
}

export interface Episode {
  index: number;
  fps: number;
  names: string[];
  videos: Record<string, { from_s: number; to_s: number }>;
  state: (number | null)[][];
  action: (number | null)[][];
}

// console/armchair/web/routes/evaluate.py
export interface Evaluation {
  name: string;
  policy: string;
  task: string;
  successes: number;
  episodes: number;
  interval: [number, number];
  body: string;
  trouble: string; // why it cannot be read
}
