// Which of two evaluations is better, paired scene by scene, in words.
import { useState } from "preact/hooks";
import { get } from "../base/ask";
import type { Evaluation } from "../base/types";
import { percent } from "./score";

interface Side {
  policy: string;
  successes: number;
  success_rate: number;
  interval_95: [number, number];
}

interface Comparison {
  a: Side;
  b: Side;
  scenes: number;
  seeds: string;
  pairs: { both: number; only_a: number; only_b: number; neither: number };
  verdict: { words: string; difference: number; interval_95: [number, number]; p_value: number };
  warnings: string[];
  sentence: string;
}

export function Compare({ evaluations }: { evaluations: Evaluation[] }) {
  const [a, setA] = useState(""), [b, setB] = useState(""), [found, setFound] = useState<Comparison | null>(null), [trouble, setTrouble] = useState("");
  const names = evaluations.map((each) => each.name), one = names.includes(a) ? a : names[0], other = names.includes(b) ? b : names[1];
  const ask = () => {
    setFound(null);
    get<Comparison>(`/api/judge/compare?a=${encodeURIComponent(one)}&b=${encodeURIComponent(other)}`).then((value) => (setFound(value), setTrouble("")), (error) => setTrouble(error.message));
  };
  const choice = (label: string, value: string, set: (name: string) => void) => (
    <label>{label}
      <select value={value} aria-label={`Evaluation ${label}`} onChange={(event) => (set(event.currentTarget.value), setFound(null))}>
        {evaluations.map((each) => <option key={each.name} value={each.name}>{`${each.name}: ${each.policy} at ${each.task}`}</option>)}
      </select>
    </label>
  );
  return (
    <div class="panel form" role="group" aria-label="Compare">
      <h2>Which is better?</h2>
      {choice("A", one, setA)}
      {choice("B", other, setB)}
      <div class="choices"><button class="main" onClick={ask}>Compare</button></div>
      {trouble && <p class="bad" role="alert">{trouble}</p>}
      {found && <Verdict found={found} />}
    </div>
  );
}

function Verdict({ found: { a, b, scenes, seeds, pairs, verdict, warnings, sentence } }: { found: Comparison }) {
  const points = (share: number) => `${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(1)}`;
  return (
    <div data-verdict={verdict.words} role="status">
      <p class="sentence">{sentence}</p>
      <table>
        <thead><tr><th scope="col">{scenes} scenes in common</th><th scope="col" class="number">succeeded</th><th scope="col" class="number">95 % interval</th></tr></thead>
        <tbody>
          {[["A", a] as const, ["B", b] as const].map(([name, side]) => (
            <tr key={name}><th scope="row">{name}: {side.policy}</th><td class="number">{percent(side.success_rate)}</td><td class="number">{percent(side.interval_95[0])} to {percent(side.interval_95[1])}</td></tr>
          ))}
        </tbody>
      </table>
      <p>Both succeeded in {pairs.both}, only A in {pairs.only_a}, only B in {pairs.only_b}, neither in {pairs.neither}.</p>
      <p class="quiet">A less B: {points(verdict.difference)} points ({points(verdict.interval_95[0])} to {points(verdict.interval_95[1])}); McNemar's exact test p = {verdict.p_value.toPrecision(2)}; seeds {seeds}.</p>
      {warnings.map((words) => <p key={words} class="bad">{words}</p>)}
    </div>
  );
}
