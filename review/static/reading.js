// A document to be read: a sentence and its translation light up together, and the page begins at the pair that it was
// opened for.

import { $ } from "./base.js";

function light(number) {
  for (const lit of document.querySelectorAll(".sentence.linked")) lit.classList.remove("linked");
  if (number === undefined) return;
  for (const sentence of document.querySelectorAll(`.sentence[data-pair="${number}"]`)) sentence.classList.add("linked");
}

const pairOf = (event) => (event.target.closest(".sentence") ?? event.target.closest(".to-pair")?.nextElementSibling)?.dataset.pair;
for (const kind of ["pointerover", "focusin"]) $("main").addEventListener(kind, (event) => light(pairOf(event)));
$("#at")?.scrollIntoView({ block: "center" });
