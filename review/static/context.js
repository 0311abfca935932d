// The pair in its context: the rows before and after it in its text, within the row, wherever the page shows it.

import { $, _, chosen, made, say } from "./base.js";
import { bringIntoSight } from "./docking.js";
import { beside } from "./neighbours.js";

const STORED = "qosmatin-context";
let on = read();
let asked = "";

function read() {
  try {
    return localStorage.getItem(STORED) === "on";
  } catch {
    return false;
  }
}

// What was shown for a pair, or for the box in which it was edited.
export function hideContext() {
  for (const old of document.querySelectorAll(".context")) old.remove();
  asked = "";
}

// Show what stands around a row. What the page shows beside it anyway is not shown twice.
async function show(row) {
  hideContext();
  asked = row.id;
  const sides = { above: "before", below: "after" };
  const hidden = Object.keys(sides).filter((side) => !beside(row, sides[side]));
  if (!hidden.length) return;
  const answer = await fetch(`/context/${row.dataset.document}/${row.dataset.number}`).catch(() => null);
  if (!answer?.ok || asked !== row.id || chosen.row !== row) return;
  const html = await answer.json();
  if (asked !== row.id || $(".context")) return;
  if (hidden.includes("above")) row.prepend(made(html.above));
  const open = $("dialog.docked[open]");
  if (hidden.includes("below")) (open ?? row).append(made(html.below));
  bringIntoSight(row, open);
}

// Around the chosen pair, or around the box in which it is edited.
export const showContext = () => chosen.row && show(chosen.row);

export function toggleContext() {
  on = !on;
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing has it off again on the next page.
  }
  if (!on) hideContext();
  else showContext();
  say(on ? _("What stands around the chosen pair in its text is shown.") : _("The text around the pairs is hidden."));
}

document.addEventListener("chosen", () => {
  if (on && (asked !== chosen.row.id || !$(".context"))) showContext();
  else if (asked !== chosen.row.id) hideContext();
});
