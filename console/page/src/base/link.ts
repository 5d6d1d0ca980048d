// The one WebSocket: states come in, what this page asks for and looks at goes out.
import { post } from "./ask";
import type { Job, Me, News, NewsChanges, Picture } from "./types";

type Ear<T> = (value: T) => void;

class Ears<T> {
  private ears = new Set<Ear<T>>();
  add(ear: Ear<T>): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }
  tell(value: T): void {
    for (const ear of this.ears) ear(value);
  }
}

const AGAIN_MS = 1500;
const HIDDEN_MS = 1000; // a page that nobody sees asks for one state a second
// A line is dead on which nothing was heard for so long, where ten states a second are to be heard: when somebody looks
// again; at any time, for a computer that has slept tells nobody; while it is opened.
const DEAD_MS = { looks: 2000, always: 10_000, opens: 20_000 };
const LOOK_MS = 60;
const JPEG = 0xff; // how one begins

export class Link {
  me: Me | null = null;
  news: News | null = null;
  trouble = "Connecting …";
  jobs: Job[] = [];
  pictures = 0; // how many have come
  readonly onNews = new Ears<News>();
  readonly onPicture = new Ears<Picture>();
  readonly onChange = new Ears<void>(); // of `me` or `trouble`
  readonly onJobs = new Ears<Job[]>();
  readonly onRefused = new Ears<string>();
  private line: WebSocket | null = null;
  private said = ""; // why the server hung up
  private again = 0; // when the line is opened anew
  private looking = 0; // when it is said what is looked at
  private heardAt = 0;
  private waiting: (() => void) | null = null; // what a hidden page will say of the state that came last
  private readonly shown = new Map<string, number>();

  begin(): void {
    this.open();
    const awake = () => !document.hidden && this.wake(DEAD_MS.looks);
    document.addEventListener("visibilitychange", () => (this.lookSoon(), awake()));
    for (const name of ["pageshow", "online", "resume"]) addEventListener(name, awake);
    setInterval(() => !document.hidden && this.wake(DEAD_MS.always), 2000);
  }

  private open(): void {
    clearTimeout(this.again);
    const line = (this.line = new WebSocket(`ws://${location.host}/live`));
    this.heardAt = Date.now();
    this.news = null; // all of it is told again
    line.binaryType = "arraybuffer";
    line.onmessage = (event) => {
      if (line !== this.line) return;
      this.heardAt = Date.now();
      if (typeof event.data === "string") this.hear(event.data);
      else void this.unpack(event.data, line);
    };
    line.onclose = () => line === this.line && this.lost();
  }

  private lost(): void {
    this.line = null;
    this.me = null;
    this.trouble = this.said || "No connection: is the console still running?";
    this.said = "";
    this.onChange.tell();
    this.again = window.setTimeout(() => this.open(), AGAIN_MS);
  }

  /** Somebody looks again: the newest state at once, over a new line if the old one has died meanwhile. */
  private wake(deadMs: number): void {
    this.waiting?.();
    if (!this.line) return void (deadMs === DEAD_MS.looks && this.open());
    const silentMs = Date.now() - this.heardAt; // a clock that goes on in sleep
    if (silentMs > (this.line.readyState === WebSocket.OPEN ? deadMs : DEAD_MS.opens)) {
      this.line.onclose = null;
      this.line.close();
      this.open();
    }
  }

  /** How wide a camera's picture is shown, in pixels of the screen; 0: it is not. The server sends what is shown. */
  show(camera: string, width: number): void {
    if (this.shown.get(camera) === width) return;
    if (width) this.shown.set(camera, width);
    else this.shown.delete(camera);
    this.lookSoon();
  }

  private lookSoon(): void {
    clearTimeout(this.looking);
    this.looking = window.setTimeout(() => this.look(), LOOK_MS);
  }

  private look(): void {
    this.say({ type: "look", pictures: document.hidden ? {} : Object.fromEntries(this.shown) });
  }

  say(message: object): boolean {
    if (this.line?.readyState !== WebSocket.OPEN) return false;
    this.line.send(JSON.stringify(message));
    return true;
  }

  get drives(): boolean {
    return this.me !== null && this.news?.driver === this.me.you;
  }

  get stopped(): boolean {
    return Boolean(this.news?.arm.stopped) || this.news?.arm.phase !== "driving";
  }

  get state(): number[] | undefined {
    return this.news?.arm.state;
  }

  private hear(text: string): void {
    const said = JSON.parse(text);
    if (said.error) this.said = `The console hung up: ${said.error}`;
    else if (said.refused) this.onRefused.tell(said.refused);
    else if (said.jobs) {
      this.jobs = said.jobs;
      this.onJobs.tell(this.jobs);
    }
    else {
      this.me = said;
      this.trouble = "";
      this.look();
      this.onChange.tell();
    }
  }

  // uint32 and JSON for this page, uint32 and JSON with what is new, then the pictures.
  private async unpack(data: ArrayBuffer, line: WebSocket): Promise<void> {
    const view = new DataView(data), words = new TextDecoder();
    let at = 0;
    const json = () => {
      const size = view.getUint32(at, true);
      at += 4 + size;
      return JSON.parse(words.decode(new Uint8Array(data, at - size, size)));
    };
    const head = json(), cameAt = performance.now();
    this.news = changed(this.news, json());
    this.onNews.tell(this.news);
    for (const { camera, bytes, age_s } of head.pictures) {
      const image = new Uint8Array(data, at, bytes), type = image[0] === JPEG ? "image/jpeg" : "image/webp";
      const blob = new Blob([image], { type });
      at += bytes;
      try {
        this.pictures++;
        this.onPicture.tell({ camera, bitmap: await createImageBitmap(blob), ageS: age_s, cameAt });
      } catch {
        continue; // a picture that cannot be decoded is followed by others
      }
    }
    // What has been shown makes room for more: a slow page gets fewer states, not later ones.
    const seen = () => {
      clearTimeout(timer);
      if (this.waiting === seen) this.waiting = null;
      if (line === this.line) this.say({ type: "seen", number: head.number });
    };
    const timer = document.hidden ? setTimeout(seen, HIDDEN_MS) : 0;
    if (document.hidden) this.waiting = seen;
    else seen();
  }
}

/** The news with what is new of them. */
function changed(news: News | null, { gone, arm: armNew, ...rest }: NewsChanges): News {
  const arm: Record<string, unknown> = { ...news?.arm, ...armNew };
  for (const name of gone ?? []) delete arm[name];
  return { ...news, ...rest, arm } as unknown as News;
}

export const link = new Link();

// STOP goes both ways: over the line, and beside it in case that hangs.
export function stop(): void {
  link.say({ type: "stop" });
  post("/api/stop").catch(() => undefined);
}
