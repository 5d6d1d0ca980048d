// Upload a dataset or a policy: first what goes where and who will see it, then the queue, which goes on by itself.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../base/ask";
import type { Me } from "../base/types";
import { useElapsed } from "../base/use";

interface Choices {
  datasets: string[];
  policies: string[];
  where: string;
  is_the_hub: boolean;
}

interface Look {
  kind: "dataset" | "policy";
  what: string; // which one it is
  seen_by: { private: string; public: string };
  url: string;
  files: number;
  size: string;
  cameras: string[];
  findings: string[];
  kinds: Record<string, string>;
  never: boolean; // a key or password is in it
}

interface Upload {
  repo_id: string;
  folder: string;
  kind: string;
  state: string;
  in_words: string;
  endpoint: string;
  done: number;
  total: number;
  working: boolean;
  asked_at: number;
}

const QUEUE_EVERY_MS = 1500;

export function Share({ me }: { me: Me }) {
  const [choices, setChoices] = useState<Choices | null>(null), [trouble, setTrouble] = useState("");
  useEffect(() => void get<Choices>("/api/share").then(setChoices, (error) => setTrouble(error.message)), []);
  if (!choices) return <main>{trouble && <p class="panel bad" role="alert">{trouble}</p>}</main>;
  return (
    <main class="two">
      <section aria-label="Upload">
        <div class="panel">
          <h2>Where to</h2>
          <p>{choices.is_the_hub ? "The Hugging Face Hub" : "A hub of your own"} at <code>{choices.where}</code></p>
          {choices.is_the_hub && (
            <details>
              <summary>A classroom without internet</summary>
              <p class="small">Type <code>armchair hub</code> in another terminal, and start this console with the <code>HF_ENDPOINT</code> that it prints.</p>
            </details>
          )}
        </div>
        {me.role === "teacher" ? <Send choices={choices} /> : <p class="panel">A teacher uploads. You see here what is on its way.</p>}
      </section>
      <Queue teacher={me.role === "teacher"} />
    </main>
  );
}

function Send({ choices }: { choices: Choices }) {
  const all = [...choices.datasets, ...choices.policies];
  const [name, setName] = useState(all[0] ?? ""), [repo, setRepo] = useState(""), [look, setLook] = useState<Look | null>(null);
  const [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false), [sent, setSent] = useState("");
  const elapsed = useElapsed(busy), change = (set: () => void) => (set(), setLook(null), setSent(""));
  const last = (path: string) => path.replace(/.*\//, "");
  const choose = (next: string) => (setName(next), setRepo(repo.includes("/") ? `${repo.split("/")[0]}/${last(next)}` : ""));
  const ask = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setSent("");
    post<Look>("/api/share/look", { name, repo_id: repo }).then((found) => (setLook(found), setTrouble("")), (error) => (setLook(null), setTrouble(error.message))).finally(() => setBusy(false));
  };
  if (!all.length) return <p class="panel">Nothing is here to be uploaded yet. <a href="#teach">Teach</a> first.</p>;
  return (
    <>
      <form class="panel form" onSubmit={ask}>
        <h2>What</h2>
        <label>
          Dataset or policy
          <select value={name} onChange={(event) => change(() => choose(event.currentTarget.value))}>
            {choices.datasets.length > 0 && <optgroup label="Datasets">{choices.datasets.map((each) => <option key={each}>{each}</option>)}</optgroup>}
            {choices.policies.length > 0 && <optgroup label="Policies">{choices.policies.map((each) => <option key={each}>{each}</option>)}</optgroup>}
          </select>
        </label>
        <label>
          Its name there
          <input value={repo} required maxLength={96} placeholder={`your-name/${last(name)}`} onInput={(event) => change(() => setRepo(event.currentTarget.value.trim()))} />
        </label>
        <div class="choices"><button class={look ? "" : "main"} disabled={busy}>{busy ? `Reading every file …${elapsed}` : "See what would be sent"}</button></div>
      </form>
      {trouble && <p class="panel bad" role="alert">{trouble}</p>}
      {look && <Consent key={`${name} ${repo}`} name={name} repo={repo} look={look} onSent={(words) => (setSent(words), setLook(null))} />}
      {sent && <p class="panel good" role="status">{sent}</p>}
    </>
  );
}

function Consent({ name, repo, look, onSent }: { name: string; repo: string; look: Look; onSent: (words: string) => void }) {
  const [agreed, setAgreed] = useState(false), [open, setOpen] = useState(false), [footage, setFootage] = useState(false), [known, setKnown] = useState(false);
  const [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false);
  const elapsed = useElapsed(busy), kinds = Object.keys(look.kinds), films = look.kind === "dataset" && look.cameras.length > 0;
  const ready = agreed && !look.never && (!open || footage || !films) && (kinds.length === 0 || known);
  const send = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const request = { name, repo_id: repo, agreed, public: open, footage_consent: open && footage, allowed: known ? kinds : [] };
    post<{ who: string; url: string }>("/api/share", request)
      .then(({ who, url }) => onSent(`It goes to ${url} as ${who}, in the background: this page may be closed.`), (error) => setTrouble(error.message))
      .finally(() => setBusy(false));
  };
  return (
    <form class="panel form consent" onSubmit={send} aria-label="Consent">
      <h2>Before it leaves this computer</h2>
      <dl>
        <dt>What</dt><dd>{look.what}: {look.files} files, {look.size}{films && `, joints, and what the cameras ${look.cameras.join(" and ")} saw`}</dd>
        <dt>Where</dt><dd class="address">{look.url}</dd>
        <dt>Seen by</dt><dd>{open ? look.seen_by.public : look.seen_by.private}</dd>
      </dl>
      {look.findings.length > 0 && (
        <div>
          <p class="bad">It names things that may not be meant for others:</p>
          <ul class="warnings">{look.findings.map((each) => <li key={each}>{each}</li>)}</ul>
        </div>
      )}
      {look.never && <p class="bad">A key or password never leaves: take it out first, and make it invalid where it was issued.</p>}
      {kinds.length > 0 && !look.never && <Check words={`Send it although it names: ${Object.values(look.kinds).join(", ")}.`} value={known} onChange={setKnown} />}
      <Check words="Let everybody see it." value={open} onChange={setOpen} />
      {open && films && <Check words="Everybody whom the cameras saw agrees to that." value={footage} onChange={setFootage} />}
      <Check words="I have read this and want it uploaded." value={agreed} onChange={setAgreed} />
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <div class="choices"><button class="main" disabled={!ready || busy}>{busy ? `Reading every file, then asking the hub …${elapsed}` : "Upload"}</button></div>
    </form>
  );
}

function Check({ words, value, onChange }: { words: string; value: boolean; onChange: (value: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
      {words}
    </label>
  );
}

function Queue({ teacher }: { teacher: boolean }) {
  const [queue, setQueue] = useState<Upload[] | null>(null);
  useEffect(() => {
    const look = () => void get<Upload[]>("/api/share/queue").then(setQueue, () => undefined);
    look();
    const timer = setInterval(() => !document.hidden && look(), QUEUE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const idle = queue?.some((each) => each.state !== "sent" && each.state !== "paused" && !each.working);
  return (
    <section aria-label="Queue">
      <div class="panel line">
        <h2 class="grow">On its way</h2>
        {teacher && idle && <button onClick={() => post("/api/share/resume").catch(() => undefined)}>Go on sending</button>}
      </div>
      {queue?.length === 0 && <p class="panel quiet">Nothing has been uploaded from this computer yet.</p>}
      {queue?.map((each) => (
        <article key={`${each.endpoint} ${each.kind} ${each.repo_id}`} class={`panel job ${each.state === "sending" ? "running" : each.state.startsWith("needs") ? "failed" : ""}`} data-upload={each.repo_id} data-state={each.state}>
          <div class="line"><b class="grow">{each.repo_id}</b><span class="quiet">{each.kind} {each.folder}</span></div>
          {each.total > 0 && each.state !== "sent" && <progress value={each.done} max={each.total} aria-label={`How far: ${each.repo_id}`} />}
          <p role="status">{each.in_words}</p>
          <p class="quiet small address">{each.endpoint}</p>
        </article>
      ))}
    </section>
  );
}
