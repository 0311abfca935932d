// Marks of what looks wrong in a pair. Checking takes longer than showing, so they come after the page.

import { $, made, rows } from "./base.js";

export async function markRows() {
  const ids = rows().filter((row) => !("marked" in row.dataset)).map((row) => row.id.slice("row-".length));
  if (!ids.length) return;
  let marks;
  try {
    marks = await (await fetch(`/marks?rows=${ids.join()}`)).json();
  } catch {
    return; // they are an aid: the next page asks again
  }
  for (const [id, html] of Object.entries(marks)) {
    const row = document.getElementById(`row-${id}`);
    if (!row || "marked" in row.dataset) continue;
    $(".marks", row).replaceChildren(made(`<span>${html}</span>`));
    row.dataset.marked = "";
  }
}
