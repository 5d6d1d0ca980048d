// Live: the cameras, the arm in 3-D, its joints and its bench.
import { useState } from "preact/hooks";
import { post } from "../base/ask";
import type { About, Me, News } from "../base/types";
import { useJobs } from "../base/use";
import { Cameras } from "../drive/cameras";
import { says } from "../drive/drive";
import { Joints } from "../drive/joints";
import { View3D } from "../drive/views";

export function Live({ me, about, news }: { me: Me; about: About; news: News }) {
  return (
    <main class="live">
      <div class="column">
        <Cameras about={about} />
        <Joints news={news} />
      </div>
      <div class="column">
        <View3D key={about.task} />
        <Bench me={me} about={about} news={news} />
      </div>
    </main>
  );
}

function Bench({ me, about, news }: { me: Me; about: About; news: News }) {
  const [trouble, setTrouble] = useState(""), jobs = useJobs();
  const tell = (path: string, body: object) => () => post(path, body).then(() => setTrouble(""), (error) => setTrouble(error.message));
  const warnings = news.arm.warnings ?? [];
  return (
    <section class="panel bench" aria-label="Bench">
      <dl>
        <dt>Task</dt>
        <dd>{about.instruction ?? about.task}</dd>
        {news.twin && (
          <>
            <dt>Scene</dt>
            <dd>{news.twin.scene}{news.twin.success ? " · done" : ""}</dd>
          </>
        )}
        <dt>Arm</dt>
        <dd>{news.arm.phase === "driving" ? says(news) || "moving" : "not held"}</dd>
      </dl>
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings">
          {warnings.map((words) => <li key={words}>{words}</li>)}
        </ul>
      )}
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      <div class="choices">
        {news.twin && me.role !== "view" && <button onClick={tell("/api/twin/scene", { seed: news.twin.scene + 1 })}>Next scene</button>}
        {me.role === "teacher" && news.arm.phase === "driving" && <button onClick={tell("/api/arm", { do: "release" })}>Motors off</button>}
        {me.role === "teacher" && jobs.length > 0 && <button onClick={() => confirm("Stop all jobs, and take them off the list? What they have written stays.") && tell("/api/jobs/clear", {})()}>Stop and clear {jobs.length === 1 ? "1 job" : `${jobs.length} jobs`}</button>}
      </div>
    </section>
  );
}
