// Operations on the chosen pair: sent to the server, and the rows that come back take the place of the old ones.

import { $, _, choose, chosen, made, rows, say, send, step } from "./base.js";
import { beside, mayChange } from "./neighbours.js";
import { toTheEnd } from "./many.js";
import { markRows } from "./quality.js";

// Put the rows of an answer in the place of those that went.
function show(answer) {
  const fresh = answer.rows.map((row) => made(row.html));
  const ids = [...answer.gone, ...answer.rows.map((row) => row.id)].map((id) => `row-${id}`);
  const old = rows().filter((row) => ids.includes(row.id));
  const list = $("#rows");
  const place = document.createComment("");
  const here = $("#translation").value === answer.translation;
  list.insertBefore(place, old[0] ?? (here ? chosen.row : null) ?? list.firstChild);
  answer.shifts.forEach(shift);
  const hadCurrent = old.includes(chosen.row);
  old.forEach((row) => row.remove());
  if (here) fresh.forEach((row) => list.insertBefore(row, place));
  const focus = answer.focus && document.getElementById(`row-${answer.focus}`);
  if (focus) choose(focus);
  else if (hadCurrent || !chosen.row?.isConnected) choose(fresh[0] ?? rows()[0]);
  place.remove();
  $("#progress").innerHTML = answer.progress;
  const group = document.getElementById(answer.group.id);
  if (group) group.innerHTML = answer.group.html; // made by the server, as the rows are
  say(answer.message);
  markRows();
}

// Sentences were cut or joined: the rows after them begin and end with other ones.
function shift({ document: number, side, from, by }) {
  const at = side === "source" ? 0 : 1;
  for (const row of rows().filter((one) => +one.dataset.document === number)) {
    if (+row.dataset.start.split(" ")[at] < from) continue;
    for (const end of ["start", "end"]) {
      const place = row.dataset[end].split(" ").map(Number);
      place[at] += by;
      row.dataset[end] = place.join(" ");
    }
  }
}

export function about(row) {
  return { document: +row.dataset.document, number: +row.dataset.number, version: +row.dataset.version };
}

// The versions of the rows beside this one, where they are in sight.
function neighbours(row) {
  return ["before", "after"].map((side) => beside(row, side)).filter(Boolean)
    .map((other) => [+other.dataset.number, +other.dataset.version]);
}

export async function operate(kind, more = {}, row = chosen.row, trouble = null) {
  if (!row) return null;
  const answer = await send("/operations", { kind, ...about(row), ...more }, trouble);
  if (answer?.conflict) {
    const fresh = made(answer.conflict);
    row.replaceWith(fresh);
    choose(fresh, !trouble);
    return answer;
  }
  if (answer) show(answer);
  return answer;
}

// After a pair is done: the next one, or the next page. Where reviewed pairs leave their place, that is this page anew.
export function next() {
  const all = rows();
  if (chosen.row !== all.at(-1)) return step(1);
  const link = $("a[rel=next]");
  if (!link) return say(_("Saved. This was the last pair here."));
  const sinks = $("#order").value === "doubt" || $("#show").value === "unreviewed";
  if (sinks) location.reload();
  else location.href = link.href;
}

// Do an operation that needs no more than its key, as the line of the help describes it.
export async function perform({ operation, ...does }) {
  const row = chosen.row;
  if (row && does.neighbour && !(await mayChange(row, does.neighbour, operation))) return;
  const answer = await operate(operation, row && "regroups" in does ? { neighbours: neighbours(row) } : {});
  if ("goesOn" in does && answer && !answer.conflict && row) next();
}

export async function again(address) {
  const answer = await send(address, {}, null, true);
  // Of a batch, a moment's part at a time is taken back, until all is.
  if (answer?.batch) return toTheEnd(answer, () => send(address));
  if (answer) show(answer);
}
