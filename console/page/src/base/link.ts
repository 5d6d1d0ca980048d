// The one WebSocket: states come in, what this page asks for goes out.
import type { Job, Me, News, Picture } from "./types";

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

  open(): void {
    this.line = new WebSocket(`ws://${location.host}/live`);
    this.line.binaryType = "arraybuffer";
    this.line.onmessage = (event) => (typeof event.data === "string" ? this.hear(event.data) : this.unpack(event.data));
    this.line.onclose = () => {
      this.me = null;
      this.trouble = this.said || "No connection: is the console still running?";
      this.said = "";
      this.onChange.tell();
      setTimeout(() => this.open(), AGAIN_MS);
    };
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
      this.onChange.tell();
    }
  }

  // uint32 and JSON for this page, uint32 and JSON for all, then the JPEGs.
  private async unpack(data: ArrayBuffer): Promise<void> {
    const view = new DataView(data), words = new TextDecoder();
    let at = 0;
    const json = () => {
      const size = view.getUint32(at, true);
      at += 4 + size;
      return JSON.parse(words.decode(new Uint8Array(data, at - size, size)));
    };
    const head = json(), cameAt = performance.now();
    this.news = json() as News;
    this.onNews.tell(this.news);
    for (const { camera, bytes, age_s } of head.pictures) {
      const blob = new Blob([new Uint8Array(data, at, bytes)], { type: "image/jpeg" });
      at += bytes;
      try {
        this.pictures++;
        this.onPicture.tell({ camera, bitmap: await createImageBitmap(blob), ageS: age_s, cameAt });
      } catch {
        continue; // a picture that cannot be decoded is followed by others
      }
    }
    // What has been shown makes room for more: a slow page gets fewer states, not later ones.
    const seen = () => this.say({ type: "seen", number: head.number });
    if (document.hidden) setTimeout(seen, HIDDEN_MS);
    else seen();
  }
}

export const link = new Link();

export async function post<T>(path: string, body: object = {}): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return told<T>(answer);
}

/** What an answer holds; if it is a refusal, its reason as an error. */
async function told<T>(answer: Response): Promise<T> {
  const found = await answer.json().catch(() => ({ detail: "" }));
  if (answer.ok) return found as T;
  const words = typeof found.detail === "string" ? found.detail : "";
  throw new Error(words || `It was refused (${answer.status}).`);
}

export async function get<T>(path: string): Promise<T> {
  return told<T>(await fetch(path));
}

// STOP goes both ways: over the line, and beside it in case that hangs.
export function stop(): void {
  link.say({ type: "stop" });
  post("/api/stop").catch(() => undefined);
}
