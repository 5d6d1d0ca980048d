// Who has the wheel, and what to do with it.
import { link } from "../base/link";
import type { Me, News } from "../base/types";
import { Pads } from "./pads";

const NOBODY = "nobody drives"; // the page says so already

/** One line about the wheel, and the buttons that go with it. */
export function Wheel({ me, news }: { me: Me; news: News }) {
  const name = (id: number | null) => news.viewers.find((each) => each.id === id)?.name ?? "Somebody";
  const say = (type: string) => () => link.say({ type });
  if (me.role === "view") return <p class="panel wheel">{news.driver === null ? "Nobody drives." : `${name(news.driver)} drives.`} Your link is for watching.</p>;
  if (news.driver === me.you)
    return (
      <div class="panel wheel mine">
        <span>
          <b>You drive</b><span class="hint">: hold a key or push a pad.</span> {news.asking.length > 0 && <span role="alert">{name(news.asking[0])} asks for the wheel.</span>}
        </span>
        {news.asking.length > 0 && <button onClick={say("give")}>Hand over to {name(news.asking[0])}</button>}
        <button onClick={say("leave")}>Let go of the wheel</button>
      </div>
    );
  if (news.driver === null)
    return (
      <div class="panel wheel">
        <span class="hint">Whoever takes the wheel moves the arm.</span>
        <button class="main" onClick={say("take")}>Take the wheel</button>
      </div>
    );
  const place = news.asking.indexOf(me.you);
  return (
    <div class="panel wheel">
      <span>
        {name(news.driver)} drives.{place >= 0 && ` You have asked${place ? `, ${place} before you` : ""}.`}
      </span>
      {place < 0 ? <button onClick={say("take")}>Ask for the wheel</button> : <button onClick={say("leave")}>Do not wait</button>}
      {me.role === "teacher" && <button onClick={say("seize")}>Take it now</button>}
    </div>
  );
}

/** What the arm says while it is driven, in one line that keeps its height. */
export function says({ arm }: News): string {
  if (arm.phase !== "driving") return "";
  if (arm.attempt?.phase === "trying") return arm.held_back ?? ""; // who moves it is said in the notes
  const said = (arm.hand ?? "").split(" · ").slice(2); // mode and speed are on the buttons
  return [...said.filter((words) => words !== NOBODY), arm.held_back].filter(Boolean).join(" · ");
}

export function Controls({ me, news }: { me: Me; news: News }) {
  return <Pads line={link} off={whyOff(me, news)} words={says(news)} />;
}

/** Why keys and pads move nothing now, and the way out; "" if they do. */
function whyOff(me: Me, { arm, driver, viewers }: News): string {
  if (arm.phase !== "driving") return arm.words || "The arm is not held: start it first.";
  if (arm.stopped) return "The arm holds still after STOP: press Let it go on.";
  if (driver === me.you) return "";
  if (driver === null) return "Nothing moves yet: press Take the wheel first.";
  return `${viewers.find((each) => each.id === driver)?.name ?? "Somebody"} drives: press Ask for the wheel.`;
}
