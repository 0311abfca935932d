// The dialog that shows two versions of a pair and what differs between them.

import { $, _, choose, chosen, made, say } from "./base.js";
import { about } from "./operations.js";

const dialog = $("#compare");

async function show(left = "", right = "") {
  const { document: document_, number } = about(chosen.row);
  let answer;
  try {
    answer = await fetch(`/compare/${document_}/${number}?${new URLSearchParams({ left, right })}`);
  } catch {
    return say(_("The server does not answer; try again."), true);
  }
  if (!answer.ok) return say((await answer.json()).message, true);
  $("#compared").replaceChildren(made(await answer.text()));
  if (!dialog.open) dialog.showModal();
}

dialog.addEventListener("change", async (event) => {
  const { id } = event.target;
  await show($("#compare-left").value, $("#compare-right").value);
  document.getElementById(id)?.focus();
});
dialog.addEventListener("close", () => choose(chosen.row));

// A version takes the place of the text in the box for editing, where it is looked at and saved.
export function wireCompare(edit) {
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button.use");
    if (!button) return;
    dialog.close();
    edit(button.dataset.text);
  });
}

export const compare = () => chosen.row && show();
