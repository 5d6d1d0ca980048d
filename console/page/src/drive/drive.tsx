// Who has the wheel, and what to do with it.
import { link } from "../base/link";
import type { Me, News } from "../base/types";
import { Pads } from "./pads";

/** One line about the wheel, and the buttons that go with it. */
export function Wheel({ me, news }: { me: Me; news: News }) {
  const name = (id: number | null) => news.viewers.find((each) => each.id === id)?.name ?? "Somebody";
  const say = (type: string) => () => link.say({ type });
  if (me.role === "view") return <p class="panel wheel">{news.driver === null ? "Nobody drives." : `${name(news.driver)} drives.`} Your link is for watching.</p>;
  if (news.driver === me.you)
    return (
      <div class="panel wheel mine">
        <span>
          <b>You drive.</b> {news.asking.length > 0 && <span role="alert">{name(news.asking[0])} asks for the wheel.</span>}
        </span>
        {news.asking.length > 0 && <button onClick={say("give")}>Hand over to {name(news.asking[0])}</button>}
        <button onClick={say("leave")}>Let go of the wheel</button>
      </div>
    );
  if (news.driver === null)
    return (
      <div class="panel wheel">
        <span>Nobody drives.</span>
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

export function Controls({ news }: { news: News }) {
  return <Pads line={link} off={!link.drives || news.arm.phase !== "driving" || Boolean(news.arm.stopped)} />;
}
