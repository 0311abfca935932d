// From one pair to the next of a kind: on this page, else on a page that begins with it, in the order of the text.

import { $, _, choose, chosen, rows, say } from "./base.js";

const KINDS = { doubtful: ".doubtful, .fair", changed: ".changed", flagged: ":has(.flag)", moved: ".moved" };

function addressOf(kind, { document: of, number }) {
  if (kind === "moved") return `/moved/${of}/${number}`;
  const query = new URLSearchParams({ show: kind });
  const within = new URLSearchParams(location.search).get("document");
  if (within) query.set("document", within);
  return `/next/${of}/${number}?${query}`;
}

export async function nextOf(kind) {
  if (!chosen.row) return;
  const all = rows();
  const next = all.slice(all.indexOf(chosen.row) + 1).find((row) => row.matches(KINDS[kind]));
  if (next) return choose(next);
  // The most doubtful of all stand first in their own order.
  if (kind === "doubtful") return toMostDoubtful();
  const answer = await fetch(addressOf(kind, chosen.row.dataset)).catch(() => null);
  const found = answer?.ok ? await answer.json() : {};
  if (found.address) location.assign(found.address);
  else say(_("There is no such pair after this one."));
}

function toMostDoubtful() {
  const query = new URLSearchParams(location.search);
  if (query.get("order") !== "text" && !query.get("after")) return say(_("There is no such pair after this one."));
  for (const name of ["after", "before", "search"]) query.delete(name);
  query.set("order", "doubt");
  query.set("show", "unreviewed");
  location.assign(`/?${query}`);
}

export function turn(rel) {
  const link = $(`.pages a[rel=${rel}]`);
  if (link) link.click();
  else say(rel === "next" ? _("This is the last page.") : _("This is the first page."));
}
