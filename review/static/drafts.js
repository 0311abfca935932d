// What is typed into a dialog is kept in the browser until it is saved: when the page is loaded anew, when it is left by
// Escape, when the tab or the browser closes or dies, and while the server cannot be reached. A dialog that was open in a
// tab comes back there by itself; one that was left, or was open elsewhere, offers its draft when it is opened.

import { $, _, choose, chosen, say } from "./base.js";
import { keep as store, kept } from "./kept.js";

// Reviews of several corpora may have one address after another, and several people one browser.
const about = (name) => document.querySelector(`meta[name=${name}]`)?.content ?? "";
const STORED = `qosmatin-drafts ${about("corpus")} ${about("reviewer")}`;
const OPEN = `${STORED} open`;
const fields = (dialog) => [...dialog.querySelectorAll("textarea, select, input")];
const key = (dialog) => `${dialog.id} ${dialog.dataset.row}`;

// Which dialog is open in this tab, and at which address.
function isOpen() {
  try {
    return JSON.parse(sessionStorage.getItem(OPEN)) ?? {};
  } catch {
    return {};
  }
}

function setOpen(what) {
  try {
    if (what) sessionStorage.setItem(OPEN, JSON.stringify(what));
    else sessionStorage.removeItem(OPEN);
  } catch {
    // It does not come back by itself.
  }
}

export function keep(dialog) {
  const values = fields(dialog).map((field) => [field.id, field.value]);
  store(STORED, key(dialog), { dialog: dialog.id, row: dialog.dataset.row, values });
  setOpen({ key: key(dialog), address: location.href });
}

export function drop(dialog) {
  store(STORED, key(dialog), null);
  if (isOpen().key === key(dialog)) setOpen(null);
}

// The dialog was left: what was typed stays, and no reload opens the dialog by itself.
export function leave(dialog) {
  if (isOpen().key === key(dialog)) setOpen(null);
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
export async function offer(dialog) {
  $(".draft", dialog)?.remove();
  const name = key(dialog);
  const draft = (await kept(STORED))[name];
  if (!dialog.open || key(dialog) !== name) return;
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
  const { key: name, address } = isOpen();
  const draft = address === location.href ? (await kept(STORED))[name] : null;
  if (!draft || !document.getElementById(draft.row)) return;
  choose(document.getElementById(draft.row));
  await open(draft.dialog);
  put(draft.values);
  say(_("What you had typed is here again; it is not saved yet."));
}
