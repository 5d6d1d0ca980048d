// The joints in a table: where each is between its limits, and how its servo is.
import { JOINTS, type News } from "../base/types";

export function Joints({ news }: { news: News }) {
  const { state, sent, low, high, servos } = news.arm;
  return (
    <section class="panel joints" aria-label="Joints" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Joint</th>
            <th scope="col" class="wide">Range</th>
            <th scope="col">At</th>
            <th scope="col">Load</th>
            <th scope="col">Heat</th>
            <th scope="col">Power</th>
          </tr>
        </thead>
        <tbody>
          {JOINTS.map((joint, i) => {
            const unit = joint === "gripper" ? " %" : "°", servo = servos?.[joint];
            return (
              <tr key={joint} data-joint={joint}>
                <th scope="row">{joint.replace("_", " ")}</th>
                <td class="wide">
                  {state && low && high && sent ? <Bar low={low[i]} high={high[i]} at={state[i]} goal={sent[i]} unit={unit} /> : <span class="quiet">not read</span>}
                </td>
                <td class="number">{state ? `${state[i].toFixed(1)}${unit}` : "–"}</td>
                <td class={`number ${servo && Math.abs(servo[0]) > 75 ? "hot" : ""}`}>{servo ? `${Math.abs(servo[0]).toFixed(0)} %` : "–"}</td>
                <td class={`number ${servo && servo[3] >= 55 ? "hot" : ""}`}>{servo ? `${servo[3].toFixed(0)} °C` : "–"}</td>
                <td class={`number ${servo && servo[2] < 4.6 ? "hot" : ""}`}>{servo ? `${servo[2].toFixed(1)} V` : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Bar(props: { low: number; high: number; at: number; goal: number; unit: string }) {
  const place = (value: number) => `${Math.min(100, Math.max(0, ((value - props.low) / (props.high - props.low)) * 100)).toFixed(1)}%`;
  return (
    <div class="range">
      <span>{props.low.toFixed(0)}{props.unit}</span>
      <div class="bar">
        <i class="goal" style={{ left: place(props.goal) }} />
        <i class="at" style={{ left: place(props.at) }} />
      </div>
      <span>{props.high.toFixed(0)}{props.unit}</span>
    </div>
  );
}
