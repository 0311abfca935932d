// The pairs beside a pair in the text: an operation that changes one is done when it is in sight, and asks when somebody
// confirmed it.

import { _, made, say } from "./base.js";

// The row beside another one in the text (``side``: before or after), where it is in sight.
export function beside(row, side) {
  const [end, start] = side === "before" ? ["start", "end"] : ["end", "start"];
  return [row.previousElementSibling, row.nextElementSibling].find(
    (other) => other?.dataset?.document === row.dataset.document && other.dataset[start] === row.dataset[end] && other !== row,
  );
}

let asked = "";

// Whether an operation may go on: its neighbour is brought into sight, or is confirmed and the key was pressed again.
export async function mayChange(row, side, operation) {
  let other = beside(row, side);
  let words = "";
  if (!other) {
    const { document: number, number: at } = row.dataset;
    const answer = await fetch(`/neighbour/${number}/${at}?side=${side}`).catch(() => null);
    if (!answer?.ok) return true; // there is none, or no answer: the operation itself says so
    other = made((await answer.json()).html);
    document.getElementById(other.id)?.remove();
    if (side === "before") row.before(other);
    else row.after(other);
    words = _("The pair beside it is here now: press the key again to change both.");
  }
  const confirmed = other.classList.contains("accepted") || other.classList.contains("edited");
  if (confirmed) words = _("Somebody confirmed the pair beside it: press the key again to change that one, too.");
  const question = `${operation} ${row.id} ${row.dataset.version} ${other.id} ${other.dataset.version}`;
  if (!words || asked === question) {
    asked = "";
    return true;
  }
  asked = question;
  say(words);
  return false;
}
