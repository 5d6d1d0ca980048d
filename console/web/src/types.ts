// What the server says. The names are those of console/armchair/console/room.py and arm_process.py.

export const JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"];

export type Role = "view" | "student" | "teacher";
export type Phase = "opening" | "driving" | "going" | "halted" | "released" | "doctor";

export interface ArmNews {
  phase: Phase;
  words: string;
  warnings?: string[];
  fps?: number;
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
  servos?: Record<string, [load: number, current_a: number, voltage_v: number, temperature_c: number]>;
}

export interface News {
  arm: ArmNews;
  poses: number[][]; // x y z in metres, then w x y z, for each body
  shown_scene: number;
  driver: number | null;
  asking: number[];
  viewers: { id: number; name: string }[];
  twin: { scene: number; success: boolean; faults: string[] } | null;
}

export interface Me {
  you: number;
  name: string;
  role: Role;
  owner: string; // what stands for this visitor at their jobs
}

export type JobState = "waiting" | "running" | "stopping" | "done" | "failed" | "stopped";

// console/armchair/console/jobs/folder.py
export interface Job {
  number: number;
  kind: string;
  title: string;
  line: string; // as it is typed
  out: string;
  owner: string;
  state: JobState;
  words: string; // on an end that is not as wished for
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
}

export interface Picture {
  camera: string;
  bitmap: ImageBitmap;
  ageS: number; // when it came
  cameAt: number; // performance.now()
}

export interface Geom {
  body: number;
  kind: "box" | "cylinder" | "sphere" | "capsule" | "ellipsoid";
  size: number[];
  pos: number[];
  quat: number[];
  rgba: number[];
}

export interface Finding {
  level: "broken" | "wrong" | "notice";
  sure: string;
  what: string;
  todo: string;
  at: string;
}
