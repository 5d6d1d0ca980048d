// How often it succeeds, and how sure that is: one bar, one map of the table, films by how they ended.

export interface Look {
  name: string;
  successes: number;
  episodes: number;
  whole: boolean;
  interval: [low: number, high: number];
  endings: Record<string, number>;
  films: Record<string, string[]>;
  cells: { x_m: number; y_m: number; depth_m: number; width_m: number; successes: number; scenes: number }[];
  spots: { x_m: number; y_m: number; success: boolean }[];
}

export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The rate as a mark on its 95 % interval. */
export function Band({ successes, episodes, interval: [low, high] }: Pick<Look, "successes" | "episodes" | "interval">) {
  const rate = episodes ? successes / episodes : 0, x = (share: number) => 8 + share * 584;
  const words = episodes ? `${successes} of ${episodes}: ${percent(rate)}, 95 % interval ${percent(low)} to ${percent(high)}` : "no scene is judged yet";
  return (
    <figure class="band">
      <svg viewBox="0 0 600 44" role="img" aria-label={words}>
        <rect class="track" x={x(0)} y={6} width={x(1) - x(0)} height={16} rx={4} />
        {episodes > 0 && <rect class="sure" x={x(low)} y={6} width={Math.max(2, x(high) - x(low))} height={16} />}
        {episodes > 0 && <rect class="rate" x={x(rate) - 3} y={1} width={6} height={26} rx={3} />}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => <text key={share} x={x(share)} y={41} text-anchor={share === 0 ? "start" : share === 1 ? "end" : "middle"}>{100 * share} %</text>)}
      </svg>
      <figcaption data-tally={`${successes}/${episodes}`}>
        {episodes ? <><b class="tally">{successes} of {episodes}</b> {percent(rate)} (95 % interval {percent(low)} to {percent(high)})</> : words}
      </figcaption>
    </figure>
  );
}

/** The table from above; the arm stands at the bottom. */
export function TableMap({ cells, spots }: Pick<Look, "cells" | "spots">) {
  if (!cells.length) return null;
  const failed = spots.filter((spot) => !spot.success).length;
  return (
    <figure class="map">
      <svg viewBox="-185 -345 370 380" role="img" aria-label={`The table from above: ${spots.length - failed} scenes went well and ${failed} did not`}>
        <rect class="track" x={-180} y={-340} width={360} height={370} rx={4} />
        {cells.map((cell) => {
          const x = -1000 * (cell.y_m + cell.width_m), y = -1000 * (cell.x_m + cell.depth_m), width = 1000 * cell.width_m, height = 1000 * cell.depth_m;
          return (
            <g key={`${x} ${y}`}>
              {cell.scenes > 0 && <rect class="well" x={x} y={y} width={width} height={height} style={{ opacity: (0.08 + (0.42 * cell.successes) / cell.scenes).toFixed(2) }} />}
              <rect class="cell" x={x} y={y} width={width} height={height} />
              <text x={x + width / 2} y={y + 15} text-anchor="middle">{cell.scenes ? `${cell.successes}/${cell.scenes}` : "–"}</text>
            </g>
          );
        })}
        {spots.map((spot, i) => (spot.success
          ? <rect key={i} class="spot" x={-1000 * spot.y_m - 3.5} y={-1000 * spot.x_m - 3.5} width={7} height={7} rx={1.5} />
          : <circle key={i} class="spot missed" cx={-1000 * spot.y_m} cy={-1000 * spot.x_m} r={5} />))}
        <circle class="arm" cx={0} cy={0} r={22} />
        <text x={0} y={5} text-anchor="middle">arm</text>
      </svg>
      <figcaption class="quiet">Where the object lay: a square went well, a disc did not.</figcaption>
    </figure>
  );
}

/** Films by how they ended, what went wrong first. */
export function Films({ name, films, endings }: Pick<Look, "name" | "films" | "endings">) {
  return (
    <>
      {Object.entries(films).map(([ending, files]) => (
        <section key={ending} aria-label={`Films: ${ending}`} class="films">
          <h3>{ending} <span class="quiet">{endings[ending]} of {Object.values(endings).reduce((sum, count) => sum + count, 0)}</span></h3>
          <div>
            {files.map((file) => (
              <video key={file} controls muted playsInline loop preload="metadata" aria-label={`${ending}, scene ${file.split("-")[1]}`}
                     src={`/api/judge/film?name=${encodeURIComponent(name)}&film=${encodeURIComponent(file)}`} />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}
