// The panel beside the pairs: what memories and the glossary have for the chosen pair. It asks for itself, after the page,
// and a moment after a pair was chosen, so that going through pairs by key asks for nothing.

import { $, _, choose, chosen, made, say } from "./base.js";
import { commandOf } from "./keys.js";
import { about } from "./operations.js";

const STORED = "qosmatin-desk";
const panel = $("#desk");

// On narrow screens it stands on the bar below, however high that is.
const foot = $("#foot") ?? $("#actions");
if (foot) {
  new ResizeObserver(() => panel.style.setProperty("--foot", `${foot.offsetHeight}px`)).observe(foot);
}
let soon = 0;
let asked = 0;

async function fetched(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? made(await answer.text()) : null;
  } catch {
    return null; // it is an aid: the next pair asks again
  }
}

async function load() {
  const row = chosen.row;
  if (panel.hidden || !row) return;
  const { document: document_, number } = about(row);
  const mine = ++asked;
  const content = await fetched(`/desk/${document_}/${number}`);
  if (mine === asked && content) $("#desk-pair").replaceChildren(content);
}

function later() {
  clearTimeout(soon);
  if (!panel.hidden) soon = setTimeout(load, 150);
}

function show(open) {
  panel.hidden = !open;
  document.body.classList.toggle("with-desk", open);
  try {
    localStorage.setItem(STORED, open ? "open" : "");
  } catch {
    // It is not remembered.
  }
  if (open) load();
}

export const toggleDesk = () => show(panel.hidden);

// Look for the words that are marked on the page, or for those that will be typed.
export async function openConcordance() {
  if (panel.hidden) show(true);
  const marked = getSelection().toString().trim();
  const side = getSelection().anchorNode?.parentElement?.closest(".target") ? "target" : "source";
  const field = $("#concordance-words");
  if (marked) {
    field.value = marked.slice(0, 200);
    $("#concordance-side").value = side;
    await find();
  }
  field.focus();
  field.select();
}

async function find() {
  if (!chosen.row || !$("#concordance-words").value.trim()) return $("#concordance-lines").replaceChildren();
  const query = new URLSearchParams({ words: $("#concordance-words").value, side: $("#concordance-side").value });
  const content = await fetched(`/concordance/${about(chosen.row).document}?${query}`);
  if (content) $("#concordance-lines").replaceChildren(content);
  else say(_("The server does not answer; try again."), true);
}

const editing = () => $("#edit").open;
const texts = () => [...panel.querySelectorAll("[data-take]")].map((button) => button.dataset.take);
let next = 0;

function put(text) {
  const field = $("#edit-target");
  if (field.disabled) return say(_("There is no translation here to put it in."));
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  return null;
}

// Take a match into the edit box: the best, and each time after that the next one.
let openEdit = null;
async function take(text) {
  if (!editing()) await openEdit();
  if (editing()) put(text);
}

export async function takeMatch() {
  if (panel.hidden) {
    show(true);
    await load();
  }
  if (!texts().length) return say(_("Nothing like this pair is known."));
  if (!editing()) next = 0;
  const text = texts()[next % texts().length];
  next += 1;
  await take(text);
  return say(_("Match %(number)s is in the edit box; it is not saved yet.", { number: ((next - 1) % texts().length) + 1 }));
}

// ``open`` opens the edit box on the chosen pair.
export function wireDesk(open) {
  openEdit = open;
  document.addEventListener("chosen", later);
  $("#concordance").addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (button && $("#edit-target")) take(button.dataset.take);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(chosen.row, true);
  });
  // In the edit box letters are typed: there the key with Alt takes the next match.
  $("#edit")?.addEventListener("keydown", (event) => {
    if (!event.altKey || commandOf(event) !== "take") return;
    event.preventDefault();
    takeMatch();
  });
  let open_ = "";
  try {
    open_ = localStorage.getItem(STORED) ?? "";
  } catch {
    // It is not remembered.
  }
  if (open_) show(true);
}
