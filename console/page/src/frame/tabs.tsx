// The views' tabs in one row, which scrolls where it is too narrow, and shows that it does.
import { useEffect, useRef, useState } from "preact/hooks";

export interface Tab {
  name: string;
  words: string;
}

export function Tabs({ tabs, now }: { tabs: Tab[]; now: string }) {
  const row = useRef<HTMLElement>(null), [more, setMore] = useState("");
  const look = () => {
    const { scrollLeft, scrollWidth, clientWidth } = row.current!;
    const sides = [scrollLeft > 4 && "before", scrollLeft + clientWidth < scrollWidth - 4 && "after"];
    setMore(sides.filter(Boolean).join(" "));
  };
  const center = () => {
    row.current!.querySelector("a[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
    look();
  };
  useEffect(() => {
    const size = new ResizeObserver(center);
    size.observe(row.current!);
    return () => size.disconnect();
  }, []);
  useEffect(center, [now, tabs.length]);
  return (
    <div class="tabs" data-more={more}>
      <nav ref={row} aria-label="Views" onScroll={look}>
        {tabs.map(({ name, words }) => <a key={name} href={`./#${name}`} aria-current={name === now ? "page" : undefined}>{words}</a>)}
      </nav>
    </div>
  );
}
