// Marks of what looks wrong in a pair. Checking takes longer than showing, so they come after the page.

import { $, made, rows } from "./base.js";
import { showHits } from "./hits.js";

const ends = new WeakMap();

// Sentences within a pair are told apart by a thin bar. Its places are in code points, as the server counts.
export function tellApart(row, cuts = ends.get(row) ?? {}) {
  ends.set(row, cuts);
  for (const [side, places] of Object.entries(cuts)) {
    const text = $(`.${side} .text`, row);
    if (!text || $(".cut", text)) continue;
    for (const place of places) bar(text, [...text.textContent].slice(0, place).join("").length);
  }
}

function bar(text, place) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let left = place;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      const mark = Object.assign(document.createElement("span"), { className: "cut" });
      node.splitText(left).before(mark);
      return;
    }
    left -= node.length;
  }
}

const several = ({ start, end }) => start.split(" ").some((at, side) => end.split(" ")[side] - at > 1);
const isAskedFor = (row) => !("marked" in row.dataset) || (several(row.dataset) && !ends.has(row));

export async function markRows() {
  const ids = rows().filter(isAskedFor).map((row) => row.id.slice("row-".length));
  if (!ids.length) return;
  let marks;
  try {
    marks = await (await fetch(`/marks?rows=${ids.join()}`)).json();
  } catch {
    return; // they are an aid: the next page asks again
  }
  for (const [id, { html, cuts }] of Object.entries(marks)) {
    const row = document.getElementById(`row-${id}`);
    if (!row) continue;
    if (!("marked" in row.dataset)) $(".marks", row).replaceChildren(made(`<span>${html}</span>`));
    row.dataset.marked = "";
    tellApart(row, cuts);
  }
  showHits();
}
