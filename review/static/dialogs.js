// The dialogs for what needs more than a key: editing, flagging, splitting, and whatever operation has one.

import { $, _, choose, chosen, made, say, valuesOf } from "./base.js";
import { hideContext, showContext } from "./context.js";
import { bringIntoSight, dock, growAll, undock } from "./docking.js";
import { drop, keep, leave, offer, put } from "./drafts.js";
import { dataOf, dialogNames } from "./keys.js";
import { about, next, operate } from "./operations.js";

// A dialog is opened on the chosen row; Escape closes it, and the focus goes back to the row. What its fields with a name
// hold is sent with the operation; some dialogs do more.
const plain = {
  open: (dialog) => $("textarea, select, input", dialog).focus(),
  save(trouble, dialog) {
    return operate(dialog.id, valuesOf(dialog.querySelectorAll("[name]")), chosen.row, trouble);
  },
};

const special = {
  edit: {
    open(dialog) {
      const text = (side) => $(`.${side} .text`, chosen.row)?.textContent ?? "";
      $("#edit-source").value = text("source");
      $("#edit-target").value = text("target");
      $("#edit-source").disabled = !text("source");
      $("#edit-target").disabled = !text("target");
      $("#edit-source").lang = $(".source", chosen.row).lang;
      $("#edit-target").lang = $(".target", chosen.row).lang;
      $("#edit-now").replaceChildren();
      ($("#edit-target").disabled ? $("#edit-source") : $("#edit-target")).focus();
    },
    async save(trouble) {
      const texts = { source_text: $("#edit-source").value, target_text: $("#edit-target").value };
      const answer = await operate("edit", texts, chosen.row, trouble);
      if (answer?.conflict) {
        // Both texts stay in sight: what is typed here, what stands there now, and what differs. Saving again puts this one there.
        $("#edit-now").replaceChildren(made(answer.difference));
        $("#edit-now").scrollIntoView({ block: "nearest" });
      }
      return answer;
    },
  },
  flag: {
    open() {
      const flag = $(".flag", chosen.row)?.dataset;
      // Nobody's first guess: a kind of error is chosen, or none is said.
      if (flag) $("#flag-category").value = flag.category;
      else $("#flag-category").selectedIndex = -1;
      $("#flag-severity").value = flag?.severity ?? "";
      $("#flag-comment").value = flag?.comment ?? "";
      $("#flag-category").focus();
    },
    save(trouble, dialog) {
      if ($("#flag-category").selectedIndex >= 0) return plain.save(trouble, dialog);
      trouble.textContent = _("Choose what is wrong.");
      return null;
    },
  },
  comment: {
    // The thread is read where it is answered.
    open() {
      $("#comment-thread").replaceChildren(...[...chosen.row.querySelectorAll(".comment")].map((one) => one.cloneNode(true)));
      $("#comment-text").value = "";
      $("#comment-text").focus();
    },
  },
  split: {
    load: () => sentencesOf(chosen.row),
    open(dialog, sides) {
      for (const [side, { sentences, edited }] of Object.entries(sides)) {
        const items = sentences.map((text) => {
          const item = document.createElement("li");
          item.textContent = text;
          item.dir = "auto";
          item.lang = $(`.${side}`, chosen.row).lang;
          return item;
        });
        $(`#split-${side}s`).replaceChildren(...items);
        $(`#split-${side}`).max = items.length;
        $(`#split-${side}`).value = Math.ceil(items.length / 2);
        $(`#split-${side}-edited`).hidden = edited === null;
        $(`#split-${side}-halves`).value = edited === null ? "" : inHalves(edited);
      }
      halves();
      $("#split-source").focus();
    },
    save(trouble) {
      const cuts = { source_cut: +$("#split-source").value, target_cut: +$("#split-target").value };
      for (const side of ["source", "target"]) {
        if ($(`#split-${side}-edited`).hidden) continue;
        const [first, ...rest] = $(`#split-${side}-halves`).value.split("\n");
        cuts[`${side}_halves`] = [first, rest.join(" ")];
      }
      return operate("split", cuts, chosen.row, trouble);
    },
  },
  mend: {
    load: () => sentencesOf(chosen.row),
    open(dialog, sides) {
      for (const [side, { sentences }] of Object.entries(sides)) {
        const field = $(`#mend-${side}`);
        field.value = sentences.join("\n");
        field.disabled = !sentences.length;
        field.lang = $(`.${side}`, chosen.row).lang;
      }
      const field = $("#mend-source").disabled ? $("#mend-target") : $("#mend-source");
      field.focus();
      field.setSelectionRange(0, 0);
    },
    save(trouble) {
      const lines = (side) => ($(`#mend-${side}`).disabled ? null : $(`#mend-${side}`).value.split("\n"));
      return operate("mend", { source_sentences: lines("source"), target_sentences: lines("target") }, chosen.row, trouble);
    },
  },
};

// The sentences of a row, and the edited text of each side that has one; null when the server does not answer.
async function sentencesOf(row) {
  const { document: number, number: at } = about(row);
  try {
    const answer = await fetch(`/sentences/${number}/${at}`);
    const content = await answer.json();
    if (answer.ok) return content;
    say(content.message, true);
  } catch {
    say(_("The server does not answer; try again."), true);
  }
  return null;
}

// A text with a line break at the end of the sentence nearest to its middle, or else at the nearest word.
function inHalves(text) {
  const middle = text.length / 2;
  const cuts = (pattern) => [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
  const places = cuts(/[.!?…]["»”’)]*\s+/g).filter((at) => at < text.length);
  const candidates = places.length ? places : cuts(/\s+/g);
  if (!candidates.length) return text;
  const cut = candidates.reduce((best, at) => (Math.abs(at - middle) < Math.abs(best - middle) ? at : best));
  return `${text.slice(0, cut).trimEnd()}\n${text.slice(cut)}`;
}

function halves() {
  for (const side of ["source", "target"]) {
    const cut = +$(`#split-${side}`).value;
    [...$(`#split-${side}s`).children].forEach((item, at) => item.classList.toggle("second", at >= cut));
  }
}

// Open a dialog once all that it shows is there: what is typed into it must not be overwritten. ``values`` are put into
// its fields, by their ids, as if they had been typed.
export async function open(name, values = {}) {
  if (!chosen.row) return;
  const { load, open: fill } = { ...plain, ...special[name] };
  const content = load ? await load() : null;
  if (load && !content) return;
  const dialog = document.getElementById(name);
  if (!dialog.open) begin(dialog, fill, content);
  put(Object.entries(values));
}

function begin(dialog, fill, content) {
  dialog.dataset.row = chosen.row.id;
  $(".trouble", dialog).textContent = "";
  const docked = dialog.classList.contains("docked");
  if (docked) dock(dialog);
  else dialog.showModal();
  fill(dialog, content);
  offer(dialog);
  growAll();
  if (!docked) return;
  bringIntoSight(chosen.row, dialog);
  showContext();
}

// Let the dialogs save, each save in its turn.
export function wire(enqueue) {
  for (const name of dialogNames) {
    const parts = { ...plain, ...special[name] };
    const dialog = document.getElementById(name);
    const form = $("form", dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      enqueue(async () => {
        if (!dialog.open) return; // Enter was pressed twice, and the first saved
        const answer = await parts.save($(".trouble", dialog), dialog);
        if (!answer || answer.conflict) return;
        drop(dialog);
        dialog.close();
        choose(chosen.row);
        if ("goesOn" in dataOf(name)) next();
      });
    });
    form.addEventListener("keydown", (event) => {
      // In a field of lines Enter makes a line, and Ctrl+Enter saves.
      const saves = event.target.classList.contains("lines") ? event.ctrlKey || event.metaKey : !event.shiftKey;
      if (event.key === "Enter" && saves && !event.isComposing && event.target.tagName !== "BUTTON") {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener("beforeinput", (event) => {
      // In a field of lines nothing but white space comes and goes: the texts themselves are not edited here.
      const { selectionStart: start, selectionEnd: end, value } = event.target;
      if (!event.target.classList.contains("lines") || event.inputType.startsWith("history")) return;
      const backward = event.inputType === "deleteContentBackward";
      const deleted = start < end ? value.slice(start, end) : backward ? value.slice(start - 1, start) : value.slice(end, end + 1);
      const isDeleting = event.inputType.startsWith("delete");
      if (/\S/.test(event.data ?? "") || event.inputType === "insertFromPaste" || ((isDeleting || start < end) && /\S/.test(deleted))) {
        event.preventDefault();
      } else if (isDeleting && deleted === "\n") {
        // Joined sentences keep a space between.
        event.preventDefault();
        event.target.setRangeText(" ", backward && start === end ? start - 1 : start, backward || start < end ? end : end + 1, "end");
        event.target.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    $(".leave", form).addEventListener("click", () => dialog.close());
    form.addEventListener("input", () => keep(dialog));
    dialog.addEventListener("close", () => {
      leave(dialog);
      undock(dialog);
      if (dialog.classList.contains("docked")) hideContext();
      choose(chosen.row);
    });
  }
  for (const input of document.querySelectorAll("#split input")) {
    input.addEventListener("input", halves);
    input.addEventListener("keydown", (event) => {
      // The cut goes where the arrow points: a number field would count up for it.
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      input.value = Math.min(Math.max(+input.value + by, +input.min), +input.max);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
