// The dialog that shows what became of a pair: who did what and when, and what was before.

import { $, _, choose, chosen, made, say } from "./base.js";

const dialog = $("#history");
dialog.addEventListener("close", () => choose(chosen.row));

export async function history() {
  if (!chosen.row) return;
  const { document: of, number } = chosen.row.dataset;
  const answer = await fetch(`/history/${of}/${number}`).catch(() => null);
  if (!answer) return say(_("The server does not answer; try again."), true);
  if (!answer.ok) return say((await answer.json()).message, true);
  $("#events").replaceChildren(made(await answer.text()));
  dialog.showModal();
}
