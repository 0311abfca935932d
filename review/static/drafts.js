// What is typed into a dialog survives a reload of the page, and a browser that closes it: until it is saved or left.

import { $, _, choose, chosen, say } from "./base.js";

const STORED = "qosmatin-draft";
const fields = (dialog) => [...dialog.querySelectorAll("textarea, select, input")];

export function keep(dialog) {
  const values = fields(dialog).map((field) => [field.id, field.value]);
  try {
    sessionStorage.setItem(STORED, JSON.stringify({ dialog: dialog.id, row: chosen.row.id, address: location.href, values }));
  } catch {
    // No room, or not allowed: the dialog itself still has it.
  }
}

export function drop() {
  sessionStorage.removeItem(STORED);
}

// Open the dialog that was open when the page went, with what was typed into it.
export async function restore(open) {
  let draft = null;
  try {
    draft = JSON.parse(sessionStorage.getItem(STORED));
  } catch {
    drop();
  }
  const row = draft && draft.address === location.href && document.getElementById(draft.row);
  if (!row) return;
  choose(row);
  await open(draft.dialog);
  for (const [id, value] of draft.values) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  say(_("What you had typed is here again; it is not saved yet."));
}
