// From one pair that moved to the next: on this page, else on that of its document, in the order of the text.

import { _, choose, chosen, rows, say } from "./base.js";

export async function nextMoved() {
  if (!chosen.row) return;
  const all = rows();
  const next = all.slice(all.indexOf(chosen.row) + 1).find((row) => row.classList.contains("moved"));
  if (next) return choose(next);
  const { document: of, number } = chosen.row.dataset;
  const answer = await fetch(`/moved/${of}/${number}`);
  const found = answer.ok ? await answer.json() : {};
  if (found.address) location.assign(found.address);
  else say(_("No pair after this one has moved in this document."));
}
