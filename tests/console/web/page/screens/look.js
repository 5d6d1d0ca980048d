// What is wrong with a screen as it is laid out; `drives`: whether pads must be there, and pictures beside them.
const [drives] = arguments, stop = document.querySelector("#stop").getBoundingClientRect(), bad = [];
const CLIPS = ".joints, .picker, .stage, .fill, .camera, .name, .said", EDGE = 2;

const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 0) bad.push(`${wide} pixels too wide`);
for (const each of document.querySelectorAll("main *")) {
  const { width, right } = each.getBoundingClientRect();
  if (width && right > innerWidth + 1 && !each.closest(CLIPS)) bad.push(`${each.tagName}.${each.className} ends at ${right}`);
}
if (stop.left < 0 || stop.top < 0 || stop.right > innerWidth || stop.bottom > innerHeight) bad.push("STOP is cut");

const pads = [...document.querySelectorAll(".pad")];
if (drives && pads.length !== 4) bad.push(`${pads.length} pads`);
for (const pad of pads) {
  const { left, top, right, bottom } = pad.getBoundingClientRect(), name = pad.dataset.pad;
  if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight + 1) bad.push(`pad ${name} is cut: ${[left, top, right, bottom]}`);
  for (const x of [0.1, 0.3, 0.5, 0.7, 0.9])
    for (const y of [0.1, 0.5, 0.9]) {
      const there = document.elementFromPoint(left + x * (right - left), top + y * (bottom - top));
      if (there !== pad) bad.push(`pad ${name} is covered by ${there?.tagName}.${there?.className}`);
    }
  const knob = pad.querySelector(".dot").getBoundingClientRect();
  for (const word of pad.querySelectorAll("span")) {
    const letters = document.createRange();
    letters.selectNodeContents(word);
    for (const box of letters.getClientRects()) {
      const beside = box.left > knob.right - EDGE || box.right < knob.left + EDGE;
      const above = box.top > knob.bottom - EDGE || box.bottom < knob.top + EDGE;
      if (box.width && !beside && !above) bad.push(`${word.textContent} is below the knob of ${name}`);
    }
  }
}
if (drives) {
  const { top, bottom } = document.querySelector(".pictures").getBoundingClientRect();
  if (bottom - top < 90 || bottom > innerHeight) bad.push(`the pictures go from ${top} to ${bottom}`);
}
return { bad: [...new Set(bad)], corner: [Math.round(innerWidth - stop.right), Math.round(stop.top)] };
