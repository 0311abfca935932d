// The page of pairs: keys and buttons become operations on the chosen pair.

import { $, _, choose, chosen, rows, say, step } from "./base.js";
import { compare, wireCompare } from "./compare.js";
import { toggleContext } from "./context.js";
import { openConcordance, takeMatch, toggleDesk, wireDesk } from "./desk.js";
import { open, wire } from "./dialogs.js";
import { restore } from "./drafts.js";
import { commandOf, dataOf } from "./keys.js";
import { openBulk, wireBulk } from "./bulk.js";
import { watch } from "./fresh.js";
import { history } from "./history.js";
import { showHits } from "./hits.js";
import { nextWord } from "./links.js";
import { nextOf, turn } from "./next.js";
import { again, perform } from "./operations.js";
import { markRows } from "./quality.js";

// What the page itself does. All else are operations on the chosen pair, and the server says of each how it is done
// (data- attributes in the help): with a dialog, to many rows, or at once.
const commands = {
  down: () => step(1),
  up: () => step(-1),
  compare,
  desk: toggleDesk,
  concordance: openConcordance,
  take: takeMatch,
  context: toggleContext,
  history,
  word: nextWord,
  moved: () => nextOf("moved"),
  "next-page": () => turn("next"),
  "previous-page": () => turn("prev"),
  undo: () => again("/undo"),
  redo: () => again("/redo"),
};

// What needs no pair happens at once, whatever the server is still busy with.
const atOnce = {
  search() {
    unfold(true);
    $("#search").focus();
    $("#search").select();
  },
  help: () => $("#help").showModal(),
};

// On narrow screens links and filters are folded away.
function unfold(open) {
  $("header").classList.toggle("unfolded", open);
  $("#fold").setAttribute("aria-expanded", open);
}
$("#fold").addEventListener("click", () => unfold(!$("header").classList.contains("unfolded")));

// Readers have all keys that show something.
const mayChangeAny = document.body.dataset.mayChange === "true";

// What may go on while a key is held down.
const steps = new Set(["down", "up"]);

// One after another: a key pressed while the server works speaks of the row that is chosen then.
let queue = Promise.resolve();
function enqueue(work) {
  queue = queue.then(work).catch((error) => say(_("Something went wrong in the page: %(reason)s", { reason: error.message }), true));
  return queue;
}

// While a dialog waits for its turn, what is typed is meant for it: never take it for commands.
let opening = false;
function run(command) {
  const does = dataOf(command);
  if (atOnce[command]) return atOnce[command]();
  if (!mayChangeAny && ("operation" in does || "bulk" in does || ["undo", "redo", "take"].includes(command))) {
    return say(_("You may read here, but not change anything."));
  }
  if (does.bulk) return openBulk(does.bulk);
  const opens = "dialog" in does || ["compare", "history", "take"].includes(command);
  if (opens) opening = true;
  const work = (does.next && (() => nextOf(does.next))) ?? commands[command] ?? (() => ("dialog" in does ? open(does.dialog) : perform(does)));
  return enqueue(work).then(() => {
    if (opens) opening = false;
  });
}

// Ctrl+Z takes back and Ctrl+Shift+Z or Ctrl+Y does again, as everywhere.
function ofControl(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  return key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) {
    if (event.key === "Escape") $("dialog.docked[open]")?.close();
    return;
  }
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") choose(chosen.row, true);
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button")) return;
  const command = ofControl(event) ?? commandOf(event);
  if (!command || event.repeat && !steps.has(command)) return;
  event.preventDefault();
  if (!opening) run(command);
});
$("#rows").addEventListener("focusin", (event) => choose(event.target.closest(".row"), false));
$("#rows").addEventListener("click", (event) => {
  if (!getSelection().toString()) choose(event.target.closest(".row"));
});
$("#rows").addEventListener("dblclick", (event) => {
  if (event.target.closest(".text")) run("edit");
});
for (const button of document.querySelectorAll("button[data-command]")) {
  button.addEventListener("click", () => run(button.dataset.command));
}
$("#help").addEventListener("close", () => choose(chosen.row));
wire(enqueue);
wireDesk(() => open("edit"));
wireCompare((text) => enqueue(() => open("edit", { "edit-target": text })));
wireBulk();
watch();
markRows();
showHits();
choose(rows()[0]);
restore(open);
