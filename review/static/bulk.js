// The dialog for all rows of a query at once: accept, flag, bookmark, put back, refuse, find and replace.

import { $, choose, chosen, valuesOf } from "./base.js";
import { doIt, look, sayWhatWasLeft } from "./many.js";

const dialog = $("#bulk");

// What is asked for: the kind, the rows, and what the fields of this kind hold.
function wanted() {
  const kind = $("#bulk-kind").value;
  const part = $(`[data-for="${kind}"]`, dialog);
  const values = part ? valuesOf(part.querySelectorAll("[name]")) : {};
  const within = part?.dataset.within;
  return { kind, query: JSON.parse(dialog.dataset.query), ...(within ? { [within]: values } : values) };
}

// What is asked for has changed: what was seen no longer holds.
function forget() {
  $(".seen", dialog).replaceChildren();
  $(".do", dialog).hidden = true;
  for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== $("#bulk-kind").value;
}

export function openBulk(kind) {
  $("#bulk-kind").value = kind;
  $(".trouble", dialog).textContent = "";
  forget();
  dialog.showModal();
  ($(`[data-for="${kind}"] input:not([type=checkbox])`, dialog) ?? $("#bulk-kind")).focus();
}

export function wireBulk() {
  $("form", dialog).addEventListener("submit", (event) => {
    event.preventDefault();
    look(wanted(), dialog);
  });
  $("form", dialog).addEventListener("input", (event) => {
    if (!event.target.closest(".seen")) forget();
  });
  $("form", dialog).addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    $("form", dialog).requestSubmit();
  });
  $(".do", dialog).addEventListener("click", () => doIt(dialog));
  $(".leave", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => choose(chosen.row));
  sayWhatWasLeft();
}
