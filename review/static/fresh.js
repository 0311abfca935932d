// Rows that others change while they are in sight: asked for now and then, and shown without moving the focus.

import { $, _, chosen, made, rows, say } from "./base.js";

const EVERY = 20000;

function note(row, words) {
  if ($(".stale", row)) return;
  const tag = Object.assign(document.createElement("span"), { className: "tag stale", textContent: words });
  $(".notes", row).append(" ", tag);
}

// The chosen row stays as it is, for somebody is at work on it: it only says that it is no longer true.
function show(one) {
  const row = document.getElementById(`row-${one.id}`);
  if (!row) return;
  if (!one.html || row === chosen.row) return note(row, one.note);
  const fresh = made(one.html);
  row.replaceWith(fresh);
  note(fresh, one.note);
}

async function ask() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  const asked = rows().map(({ dataset: row }) => `${row.document}-${row.number}-${row.version}`);
  if (!asked.length) return;
  try {
    const answer = await fetch(`/fresh?rows=${asked.join(",")}`, { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) return;
    const changed = (await answer.json()).filter((one) => !$(`#row-${one.id} .stale`) || one.html);
    const unknown = changed.filter((one) => !$(`#row-${one.id} .stale`));
    changed.forEach(show);
    if (unknown.length) say(_("Others have changed %(count)s of these rows.", { count: unknown.length }));
  } catch {
    // The network is away: the next time will do, and every operation says by itself when it was not saved.
  }
}

export function watch() {
  setInterval(ask, EVERY);
  addEventListener("focus", ask);
  document.addEventListener("visibilitychange", ask);
}
