// What is typed into a dialog is kept until it is saved: when the page is loaded anew, when the browser closes it, and when
// it is left by Escape. A dialog that was open comes back by itself; one that was left offers its draft when it is opened.

import { $, _, choose, chosen, say } from "./base.js";

const STORED = "qosmatin-drafts";
const MOST = 50;
const fields = (dialog) => [...dialog.querySelectorAll("textarea, select, input")];
const key = (dialog) => `${dialog.id} ${dialog.dataset.row}`;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}

function write(drafts) {
  const kept = Object.entries(drafts).slice(-MOST);
  try {
    sessionStorage.setItem(STORED, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // No room, or not allowed: the dialog itself still has it.
  }
}

export function keep(dialog) {
  const values = fields(dialog).map((field) => [field.id, field.value]);
  const { [key(dialog)]: _old, ...others } = read();
  write({ ...others, [key(dialog)]: { dialog: dialog.id, row: dialog.dataset.row, address: location.href, values } });
}

export function drop(dialog) {
  const { [key(dialog)]: _old, ...others } = read();
  write(others);
}

// The dialog was left: what was typed stays, and no reload opens the dialog by itself.
export function leave(dialog) {
  const drafts = read();
  if (!(key(dialog) in drafts)) return;
  drafts[key(dialog)].address = null;
  write(drafts);
}

// Put values into fields, as if they had been typed.
export function put(values) {
  for (const [id, value] of values) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Offer what was typed here before, beside what stands there now.
export function offer(dialog) {
  $(".draft", dialog)?.remove();
  const draft = read()[key(dialog)];
  const typed = (id, value) => document.getElementById(id)?.value !== value;
  if (!draft || !draft.values.some(([id, value]) => typed(id, value))) return;
  const line = document.createElement("p");
  line.className = "draft";
  line.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = _("Use it");
  button.addEventListener("click", () => {
    put(draft.values);
    line.remove();
    [...dialog.querySelectorAll("textarea:not([disabled])")].at(-1)?.focus();
  });
  line.append(_("You typed something here that was not saved."), " ", button);
  $(".trouble", dialog).before(line);
}

// Open the dialog that was open when the page went, with what was typed into it.
export async function restore(open) {
  const draft = Object.values(read()).find((one) => one.address === location.href && document.getElementById(one.row));
  if (!draft) return;
  choose(document.getElementById(draft.row));
  await open(draft.dialog);
  $(".draft", document.getElementById(draft.dialog))?.remove();
  put(draft.values);
  say(_("What you had typed is here again; it is not saved yet."));
}
