// What everybody has to read now: no connection, a refusal, whatever keeps the arm from moving and the way out of it.
import { link } from "../base/link";
import type { Me, News } from "../base/types";
import { Trying } from "../evaluate/run";

export function Notes({ me, news, twin, trouble, refused }: { me: Me | null; news: News | null; twin: boolean; trouble: string; refused: string }) {
  return (
    <div class="notes">
      {trouble && <p class="panel bad banner" role="alert">{trouble}</p>}
      {refused && <p class="panel bad banner" role="alert">{refused}</p>}
      {me && news && <Stopped me={me} news={news} twin={twin} />}
      {me && news && <Trying me={me} news={news} />}
    </div>
  );
}

function Stopped({ me, news, twin }: { me: Me; news: News; twin: boolean }) {
  const { phase, words, stopped } = news.arm, teacher = me.role === "teacher";
  if (phase === "driving" && stopped)
    return (
      <div class="panel bad banner" role="alert" id="stopped">
        <b class="grow">{whoStopped(news)} The arm holds still.</b>
        {(teacher || news.driver === me.you) && <button onClick={() => link.say({ type: "go" })}>Let it go on</button>}
      </div>
    );
  if (phase === "driving") return null;
  const waits = phase === "halted" || phase === "released";
  return (
    <div class={`panel banner ${phase === "halted" ? "bad" : ""}`} role="alert" id="phase">
      <span class="grow">{words}</span>
      {waits && (teacher || (twin && news.driver === me.you)) && <button onClick={() => link.say({ type: "start" })}>Start the arm</button>}
    </div>
  );
}

/** Who has pressed STOP. It is told over two ways, so how often says little. */
const whoStopped = ({ stop }: News) => (stop?.by ? `${stop.by} pressed STOP.` : "Stopped.");
