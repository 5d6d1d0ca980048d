// A policy moves the arm of this page; whoever has the wheel may take it over, and hands it back.
import { useState } from "preact/hooks";
import { link } from "../base/link";
import type { Attempt, Me, News } from "../base/types";

/** Under every view while a policy has the arm, and until its end was read. */
export function Trying({ me, news }: { me: Me; news: News }) {
  const [read, setRead] = useState("");
  const attempt = news.arm.attempt;
  if (!attempt) return null;
  const over = attempt.phase === "over", key = `${attempt.out} ${attempt.said}`;
  if (over && (read === key || !attempt.said)) return null;
  if (over)
    return (
      <div class="panel banner" role="status" id="tried">
        <span class="grow">{attempt.policy}: {attempt.said}</span>
        <button onClick={() => setRead(key)}>Close</button>
      </div>
    );
  const may = me.role === "teacher" || news.driver === me.you, mine = attempt.phase === "yours";
  const take = () => {
    if (news.driver !== me.you) link.say({ type: "take" });
    link.say({ type: "trial", do: "take" });
  };
  return (
    <div class={`panel banner ${mine ? "mine" : ""}`} role="status" id="trying" data-phase={attempt.phase}>
      <div class="grow">
        <b class="name">{attempt.policy}</b> <b>{says(attempt)}</b> {attempt.successes} of {attempt.ended} done.
        <details><summary>More</summary>{tally(attempt)}{attempt.last && ` The last: ${attempt.last}.`}</details>
      </div>
      {me.role !== "view" && (attempt.phase === "trying" || mine) && <button class="main" onClick={take}>{mine ? "Hand back" : "Take over"}</button>}
      {may && <button onClick={() => link.say({ type: "trial", do: "quit" })}>End the trials</button>}
    </div>
  );
}

function says({ phase, left_s, status }: Attempt): string {
  const left = `${left_s.toFixed(0)} s left`;
  switch (phase) {
    case "loading":
      return "is loaded.";
    case "trying":
      return [`moves the arm, ${left}`, status].filter(Boolean).join(" · ") + ".";
    case "yours":
      return `waits: a person moves the arm, ${left}.`;
    default:
      return "waits: the arm goes to the start.";
  }
}

/** What counts is what the policy did alone. */
function tally({ successes, ended, helped, wanted }: Attempt): string {
  const help = helped ? ` In ${helped} a person helped, which is no success of the policy's own.` : "";
  return `${successes} of ${ended} trials succeeded, ${wanted} are wanted.${help}`;
}

/** Lets a policy try on this arm. */
export function Run({ policies, me, news, twin }: { policies: string[]; me: Me; news: News; twin: boolean }) {
  const [policy, setPolicy] = useState(""), [episodes, setEpisodes] = useState("5");
  const chosen = policies.includes(policy) ? policy : policies[0];
  const busy = news.arm.phase !== "driving" || (news.arm.attempt !== undefined && news.arm.attempt.phase !== "over");
  const begin = () => {
    if (news.driver !== me.you) link.say({ type: "take" });
    link.say({ type: "run", policy: chosen, episodes: Math.round(Number(episodes)) });
    location.hash = "drive"; // where it is seen, and can be taken over
  };
  if (!twin) return <p class="panel quiet">To let a policy move this arm, end the console and type <code>armchair run</code>.</p>;
  return (
    <form class="panel form" aria-label="Run on this arm" onSubmit={(event) => event.preventDefault()}>
      <h2>Let it move this arm</h2>
      <p class="quiet">In real time, through motors and cameras. Take over by moving a key or a pad, let go to hand back.</p>
      <div class="line">
        <label>Policy
          <select value={chosen} onChange={(event) => setPolicy(event.currentTarget.value)} aria-label="Policy to run">
            {policies.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
        <label>
          <input type="number" min="1" max="100" value={episodes} onInput={(event) => setEpisodes(event.currentTarget.value)} aria-label="How many trials" /> trials
        </label>
        <button class="main" disabled={busy || !chosen} onClick={begin}>Let it try</button>
      </div>
    </form>
  );
}
