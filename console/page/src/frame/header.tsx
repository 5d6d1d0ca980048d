// The head of every view: the tabs, who drives, the menu, and STOP, which is always in the same corner.
import { stop } from "../base/link";
import type { About, Me, News } from "../base/types";
import { Menu } from "./menu";
import { Tabs, type Tab } from "./tabs";

interface Props {
  me: Me | null;
  news: News | null;
  about: About | null;
  lan: boolean;
  tabs: Tab[];
  now: string;
  onTour: (() => void) | null;
}

export function Header({ me, news, about, lan, tabs, now, onTour }: Props) {
  return (
    <header>
      <h1>Armchair</h1>
      {now === "projector" ? <a class="back" href="./#live">All views</a> : <Tabs tabs={tabs} now={now} />}
      {me && news && about && (
        <div class="facts">
          <span class="chip" id="driver">{whoDrives(me, news)}</span>
          <Menu me={me} news={news} about={about} lan={lan} onTour={onTour} />
        </div>
      )}
      <button id="stop" onClick={stop}>STOP <kbd>Esc</kbd></button>
    </header>
  );
}

export function whoDrives(me: Me, { driver, viewers, arm: { attempt } }: News): string {
  if (attempt && (attempt.phase === "trying" || attempt.phase === "waiting")) return `${attempt.policy} moves it`;
  if (driver === null) return "Nobody drives";
  return driver === me.you ? "You drive" : `${viewers.find((each) => each.id === driver)?.name ?? "Somebody"} drives`;
}
