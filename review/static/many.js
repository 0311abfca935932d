// What is done to many rows: looked at first, then done a moment's part at a time, until all is done.

import { $, _, say, send } from "./base.js";

const SAID = "qosmatin-said";

// Say something on the page that comes next.
export function sayThere(words) {
  try {
    sessionStorage.setItem(SAID, words);
  } catch {
    // A browser that keeps nothing says nothing there.
  }
}

export function sayWhatWasLeft() {
  try {
    const words = sessionStorage.getItem(SAID);
    sessionStorage.removeItem(SAID);
    if (words) say(words);
  } catch {
    // As above.
  }
}

// Ask again until a batch is at its end; then the page anew, with what came of it.
export async function toTheEnd(first, ask, tell = say) {
  let [done, passed] = [0, 0];
  for (let answer = first; answer; answer = await ask()) {
    done += answer.done;
    passed += answer.passed.length;
    if (!answer.more) {
      sayThere(passed ? _("Saved: %(done)s rows; %(passed)s passed over.", { done, passed }) : _("Saved: %(done)s rows.", { done }));
      location.reload();
      return;
    }
    tell(_("%(done)s rows so far …", { done }));
  }
}

// Look at what a batch would do, in the parts of a dialog that show it.
export async function look(bulk, dialog) {
  const trouble = $(".trouble", dialog);
  trouble.textContent = "";
  $(".do", dialog).hidden = true;
  const seen = await send("/bulk/preview", bulk, trouble);
  if (!seen) return;
  $(".seen", dialog).innerHTML = seen.html; // made by the server, which escapes all text of documents
  dialog.dataset.batch = seen.batch;
  dialog.wanted = bulk;
  $(".do", dialog).hidden = !seen.count;
  // What will change is read first; the button comes after it.
  $(".seen", dialog).focus();
}

// Do what was looked at; rows that were unticked meanwhile are left out, and for that it is planned anew.
export async function doIt(dialog) {
  const trouble = $(".trouble", dialog);
  const out = [...dialog.querySelectorAll(".seen input.with:not(:checked)")].map((box) => box.closest("li").dataset);
  let batch = dialog.dataset.batch;
  $(".do", dialog).disabled = true;
  if (out.length) {
    const without = out.map((row) => [+row.document, +row.number]);
    batch = (await send("/bulk/preview", { ...dialog.wanted, without }, trouble))?.batch;
  }
  const ask = () => send(`/bulk/${batch}`, {}, trouble);
  const first = batch && (await ask());
  if (first) await toTheEnd(first, ask, (words) => { trouble.textContent = words; });
  $(".do", dialog).disabled = false;
}
