// The box for editing stands under its row, not over the page: what is around the pair stays in sight, and can be reached.
// Whoever goes to another row leaves the box; what was typed stays as a draft.

import { $, chosen } from "./base.js";

export function dock(dialog) {
  chosen.row.after(dialog);
  dialog.show();
}

// The row, its own texts before what is shown around them, and the box under it before all: where there is no room for
// everything, the last of these.
export function bringIntoSight(row, dialog) {
  row.scrollIntoView({ block: "nearest" });
  for (const side of ["target", "source"]) $(`.${side}`, row)?.scrollIntoView({ block: "nearest" });
  if (dialog) $("form", dialog).scrollIntoView({ block: "nearest" });
}

// Back to its place at the end of the page, so that the rows stand beside each other again.
export function undock(dialog) {
  if (!dialog.open) document.body.append(dialog);
}

// A field is as high as its text; one whose lines are numbered has them numbered again.
export function grow(field) {
  const numbers = $(".numbers", field.parentElement);
  if (numbers) {
    const line = (text) => Object.assign(document.createElement("div"), { textContent: text });
    numbers.replaceChildren(...field.value.split("\n").map(line));
  }
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

const GROWING = "dialog[open].docked textarea, dialog[open] .numbered textarea";
export const growAll = () => document.querySelectorAll(GROWING).forEach(grow);

document.addEventListener("chosen", () => {
  const dialog = $("dialog.docked[open]");
  if (dialog && dialog.dataset.row !== chosen.row.id) dialog.close();
});
addEventListener("resize", growAll);
document.addEventListener("input", (event) => event.target.matches(GROWING) && grow(event.target));
