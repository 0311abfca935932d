// The page of pairs: keys and buttons become operations on the chosen pair.

import { $, _, choose, chosen, rows, say, step } from "./base.js";
import { dialogs, open, wire } from "./dialogs.js";
import { acceptAndNext, again, operate, regroup } from "./operations.js";

const commands = {
  down: () => step(1),
  up: () => step(-1),
  accept: acceptAndNext,
  reject: () => regroup("reject"),
  edit: () => open("edit"),
  restore: () => operate("restore"),
  flag: () => open("flag"),
  merge: () => regroup("merge"),
  split: () => open("split"),
  unpair: () => regroup("unpair"),
  "source-up": () => regroup("source-up"),
  "source-down": () => regroup("source-down"),
  "target-up": () => regroup("target-up"),
  "target-down": () => regroup("target-down"),
  undo: () => again("/undo"),
  redo: () => again("/redo"),
};

// What needs no pair happens at once, whatever the server is still busy with.
const atOnce = {
  search() {
    $("#search").focus();
    $("#search").select();
  },
  help: () => $("#help").showModal(),
};

// By the place of the key, so that they are the same under a Kazakh, Russian or English layout.
const keys = {
  KeyJ: "down", KeyK: "up", ArrowDown: "down", ArrowUp: "up", Enter: "accept", KeyX: "reject", KeyE: "edit",
  KeyO: "restore", KeyF: "flag", KeyM: "merge", KeyS: "split", KeyN: "unpair", Digit1: "source-up",
  Digit2: "source-down", Digit3: "target-up", Digit4: "target-down", KeyU: "undo", Slash: "search",
};

function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "?") return "help";
  // A Latin letter means what it says, wherever its key is (Dvorak, AZERTY); any other alphabet goes by place.
  const code = /^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.key === "Enter" ? "Enter" : event.code;
  if (event.shiftKey) return code === "KeyU" ? "redo" : null;
  return keys[code] ?? null;
}

// One after another: a key pressed while the server works speaks of the row that is chosen then.
let queue = Promise.resolve();
function enqueue(work) {
  queue = queue.then(work).catch((error) => say(_("Something went wrong in the page: %(reason)s", { reason: error.message }), true));
  return queue;
}

// While a dialog waits for its turn, what is typed is meant for it: never take it for commands.
let opening = false;
function run(command) {
  if (atOnce[command]) return atOnce[command]();
  if (command in dialogs) opening = true;
  return enqueue(commands[command]).then(() => {
    if (command in dialogs) opening = false;
  });
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") choose(chosen.row, true);
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button")) return;
  const command = commandOf(event);
  if (!command) return;
  event.preventDefault();
  if (!opening) run(command);
});
$("#rows").addEventListener("focusin", (event) => choose(event.target.closest(".row"), false));
$("#rows").addEventListener("click", (event) => {
  if (!getSelection().toString()) choose(event.target.closest(".row"));
});
for (const button of document.querySelectorAll("#actions button")) {
  button.addEventListener("click", () => run(button.dataset.command));
}
$("#show-help").addEventListener("click", atOnce.help);
$("#help").addEventListener("close", () => choose(chosen.row));
wire(enqueue);
choose(rows()[0]);
