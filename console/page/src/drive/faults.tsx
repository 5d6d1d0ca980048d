// For a teacher: break the twin on purpose, and ask the doctor.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../base/ask";
import { useElapsed } from "../base/use";
import { JOINTS, type About, type Finding, type News } from "../base/types";

interface Fault {
  name: string;
  words: string;
  at: "" | "joint" | "camera";
}

export function Faults({ about, news }: { about: About; news: News }) {
  return (
    <main class="two">
      {about.twin && <Breaker about={about} news={news} />}
      <Doctor news={news} />
    </main>
  );
}

function Breaker({ about, news }: { about: About; news: News }) {
  const [faults, setFaults] = useState<Fault[]>([]), [trouble, setTrouble] = useState("");
  useEffect(() => void get<Fault[]>("/api/twin/faults").then(setFaults, (error) => setTrouble(error.message)), []);
  const tell = (path: string, body: object) => () => post(path, body).then(() => setTrouble(""), (error) => setTrouble(error.message));
  const now = news.twin?.faults ?? [];
  return (
    <section aria-label="Faults">
      <div class="panel line">
        <h2>Break something</h2>
        <span class="grow" role="status">{now.length ? `Broken now: ${now.join(", ")}` : "Nothing is broken."}</span>
        <button class="main" disabled={!now.length} onClick={tell("/api/twin/mend", {})}>Mend everything</button>
      </div>
      {trouble && <p class="panel bad" role="alert">{trouble}</p>}
      <ul class="faults">
        {faults.map((fault) => (
          <Row key={fault.name} fault={fault} places={fault.at === "joint" ? JOINTS : fault.at === "camera" ? about.cameras : []}
               isSet={now.some((each) => each.split(" at ")[0] === fault.name)} onBreak={(at) => tell("/api/twin/faults", { name: fault.name, at })()} />
        ))}
      </ul>
    </section>
  );
}

function Row({ fault, places, isSet, onBreak }: { fault: Fault; places: string[]; isSet: boolean; onBreak: (at: string) => void }) {
  const [at, setAt] = useState(places.includes("elbow_flex") ? "elbow_flex" : places[0] ?? "");
  return (
    <li class={`panel ${isSet ? "set" : ""}`} data-fault={fault.name}>
      <div>
        <b>{fault.name}</b>
        <p>{fault.words}</p>
      </div>
      {places.length > 0 && (
        <select aria-label={`Where: ${fault.name}`} value={at} onChange={(event) => setAt(event.currentTarget.value)}>
          {places.map((place) => <option key={place}>{place}</option>)}
        </select>
      )}
      <button onClick={() => onBreak(at)} aria-label={`Break: ${fault.name}`}>Break</button>
    </li>
  );
}

interface Verdict {
  healthy: boolean;
  arms: { port: string; findings: Finding[]; looked_at: string[]; not_looked_at: string[] }[];
}

function Doctor({ news }: { news: News }) {
  const [verdict, setVerdict] = useState<Verdict | null>(null), [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false);
  const elapsed = useElapsed(busy), ask = () => {
    setBusy(true);
    setTrouble("");
    post<Verdict>("/api/doctor").then(setVerdict, (error) => setTrouble(error.message)).finally(() => setBusy(false));
  };
  return (
    <section aria-label="Doctor">
      <div class="panel line">
        <h2>Doctor</h2>
        <span class="grow quiet" role="status">{busy ? `${news.arm.phase === "doctor" ? "Examining …" : "The arm goes home and lets go …"}${elapsed}` : "The arm goes home and lets go for the examination."}</span>
        <button class="main" disabled={busy} onClick={ask}>Ask the doctor</button>
      </div>
      {trouble && <p class="panel bad" role="alert">{trouble}</p>}
      {verdict?.arms.map((arm) => (
        <div key={arm.port} data-verdict={verdict.healthy ? "healthy" : "ill"}>
          <p class={`panel ${verdict.healthy ? "good" : "bad"}`}>
            <b>{verdict.healthy ? "Nothing wrong was found." : "Something is wrong. Begin with the first, then ask again: mending one often mends others."}</b>
          </p>
          <ol class="findings">
            {arm.findings.map((finding, i) => (
              <li key={i} class={`panel ${finding.level}`}>
                <span class="tag">{finding.level}, {finding.sure}</span>
                <p>{finding.what}</p>
                <p><b>Next:</b> {finding.todo}</p>
              </li>
            ))}
          </ol>
          <p class="panel quiet">Looked at: {arm.looked_at.join(", ")}. Not looked at: {arm.not_looked_at.join(", ")}.</p>
        </div>
      ))}
    </section>
  );
}
