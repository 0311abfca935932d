// The page of what was done to many rows: going on with it, and taking it back.

import { $, send, unlock } from "./base.js";
import { doIt, look, sayWhatWasLeft, toTheEnd } from "./many.js";

const dialog = $("#revert");

function lookAt(bulk) {
  $(".seen", dialog).replaceChildren();
  dialog.showModal();
  return look({ kind: "revert", ...bulk }, dialog);
}

for (const button of document.querySelectorAll(".batch .revert")) {
  button.addEventListener("click", () => lookAt({ of_batch: button.closest(".batch").dataset.batch }));
}
for (const button of document.querySelectorAll(".batch .continue")) {
  const ask = () => send(`/bulk/${button.closest(".batch").dataset.batch}`);
  button.addEventListener("click", async () => toTheEnd(await ask(), ask));
}
$("#since").addEventListener("submit", (event) => {
  event.preventDefault();
  lookAt({ of_reviewer: $("#since-who").value.trim(), since: new Date($("#since-when").value).toISOString() });
});
$(".do", dialog).addEventListener("click", () => doIt(dialog));
$(".leave", dialog).addEventListener("click", () => dialog.close());
sayWhatWasLeft();
unlock();
