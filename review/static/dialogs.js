// The dialogs for what needs more than a key: editing, flagging, splitting.

import { $, _, choose, chosen, made, say } from "./base.js";
import { about, next, operate } from "./operations.js";

// Dialogs: opened on the chosen row; Escape closes them, and the focus goes back to the row.
export const dialogs = {
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
        // Both texts stay in sight: what is typed here, and what stands there now. Saving again puts this one there.
        $("#edit-now").replaceChildren(made(answer.conflict));
        $("#edit-now").firstElementChild.removeAttribute("id");
      }
      return answer;
    },
    then: () => next(),
  },
  flag: {
    open() {
      const flag = $(".flag", chosen.row)?.dataset;
      $("#flag-category").value = flag?.category ?? $("#flag-category").options[1].value;
      $("#flag-comment").value = flag?.comment ?? "";
      $("#flag-category").focus();
    },
    save(trouble) {
      const values = { category: $("#flag-category").value || null, comment: $("#flag-comment").value };
      return operate("flag", values, chosen.row, trouble);
    },
    then() {},
  },
  split: {
    async open(dialog) {
      const { document: number, number: row } = about(chosen.row);
      let texts;
      try {
        texts = await (await fetch(`/sentences/${number}/${row}`)).json();
      } catch {
        return say(_("The server does not answer; try again."), true);
      }
      for (const side of ["source", "target"]) {
        const items = (texts[side] ?? []).map((text) => {
          const item = document.createElement("li");
          item.textContent = text;
          item.lang = $(`.${side}`, chosen.row).lang;
          return item;
        });
        $(`#split-${side}s`).replaceChildren(...items);
        $(`#split-${side}`).max = items.length;
        $(`#split-${side}`).value = Math.ceil(items.length / 2);
      }
      halves();
      $("#split-source").focus();
    },
    save(trouble) {
      const cuts = { source_cut: +$("#split-source").value, target_cut: +$("#split-target").value };
      return operate("split", cuts, chosen.row, trouble);
    },
    then() {},
  },
};

function halves() {
  for (const side of ["source", "target"]) {
    const cut = +$(`#split-${side}`).value;
    [...$(`#split-${side}s`).children].forEach((item, at) => item.classList.toggle("second", at >= cut));
  }
}

export function open(name) {
  if (!chosen.row) return null;
  const dialog = document.getElementById(name);
  $(".trouble", dialog).textContent = "";
  dialog.showModal();
  return dialogs[name].open(dialog);
}

// Let the dialogs save, each save in its turn.
export function wire(enqueue) {
  for (const [name, parts] of Object.entries(dialogs)) {
    const dialog = document.getElementById(name);
    const form = $("form", dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      enqueue(async () => {
        const answer = await parts.save($(".trouble", dialog));
        if (!answer || answer.conflict) return;
        dialog.close();
        choose(chosen.row);
        parts.then();
      });
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName !== "BUTTON") {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    $(".leave", form).addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => choose(chosen.row));
  }
  for (const input of document.querySelectorAll("#split input")) input.addEventListener("input", halves);
}
