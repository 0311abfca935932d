// Which key does what: as the server says at the beginning, or as the reviewer changed it in this browser.
//
// A key is named by its place (KeyJ, Digit1, ArrowDown, Slash), so that it is the same under a Kazakh, Russian or English
// layout; with Shift+ or Alt+ before it. Only "?" is named by what it types, for its place differs.

import { $, _, say } from "./base.js";

const STORED = "qosmatin-keys";
const lines = [...document.querySelectorAll("#help tr[data-command]")];
const initial = Object.fromEntries(lines.map((line) => [line.dataset.command, line.dataset.keys.split(" ")]));

// What browsers and screen readers need themselves: never taken, whatever a reviewer asks for.
const RESERVED = /^(Shift\+)?(Tab|Escape|F\d+|Space|Home|End|Page\w+|Arrow(Left|Right)|ContextMenu|Insert|CapsLock|Backspace|Delete)$/;
// With Alt: the menus and the address bar of Firefox, Chrome and Edge, and going back and forth.
const MENUS = /^Alt\+(Shift\+)?(Key[BDEFHSTV]|Digit\d|Arrow\w+|Enter|Home|Space|F\d+|Tab|Escape)$/;
// What a single character types: speech input says such by accident, so they can be turned off (WCAG 2.1.4).
const CHARACTER = /^(Shift\+)?(Key|Digit|Slash|Period|Comma|Semicolon|Quote|Bracket|Backslash|Backquote|Minus|Equal|Intl|\?)/;

const NAMES = { ArrowDown: "↓", ArrowUp: "↑", Slash: "/", Period: ".", Comma: ",", Semicolon: ";", Quote: "'", Minus: "-",
  BracketLeft: "[", BracketRight: "]", Backslash: "\\", Backquote: "`", Equal: "=" };

// What a command does, as the server says: the attributes of its line in the help.
export const dataOf = (command) => lines.find((line) => line.dataset.command === command).dataset;

// The commands that ask for more in a dialog, which has the same name.
export const dialogNames = lines.filter((line) => "dialog" in line.dataset).map((line) => line.dataset.dialog);

let changed = read();

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    const keys = Object.entries(found.keys ?? {}).filter(([command, key]) => command in initial && typeof key === "string");
    return { keys: Object.fromEntries(keys), silent: found.silent === true };
  } catch {
    return { keys: {}, silent: false };
  }
}

function write() {
  try {
    localStorage.setItem(STORED, JSON.stringify(changed));
  } catch {
    say(_("This browser keeps nothing: the keys are changed until you leave the page."), true);
  }
  show();
}

export const keysOf = (command) => (command in changed.keys ? [changed.keys[command]] : initial[command] ?? []);

const shown = (key) => key.replace(/(Key|Digit)(?=\w$)/, "").replace(/[A-Z]\w+$/, (name) => NAMES[name] ?? name);

// A Latin letter means what it says, wherever its key is (Dvorak, AZERTY); any other alphabet goes by place.
function keyOf(event) {
  if (event.key === "?") return "?";
  const letter = /^[a-z]$/i.test(event.key) && `Key${event.key.toUpperCase()}`;
  const place = letter || (event.key === "Enter" ? "Enter" : event.code);
  return (event.altKey ? "Alt+" : "") + (event.shiftKey ? "Shift+" : "") + place;
}

export function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.isComposing) return null;
  const key = keyOf(event);
  if (changed.silent && CHARACTER.test(key)) return null;
  return Object.keys(initial).find((command) => keysOf(command).includes(key)) ?? null;
}

// Write the keys that hold now wherever the page names them.
function show() {
  for (const line of lines) {
    const keys = keysOf(line.dataset.command).filter((key) => !changed.silent || !CHARACTER.test(key));
    const names = keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: shown(key) }));
    $("th", line).replaceChildren(...names.flatMap((name, at) => (at ? [" ", name] : [name])));
  }
  for (const name of document.querySelectorAll("[data-command] > kbd")) {
    const owner = name.parentElement;
    const [key] = keysOf(owner.dataset.command).filter((one) => !changed.silent || !CHARACTER.test(one));
    name.textContent = key ? shown(key) : "";
    name.hidden = !key;
    if (key && owner.tagName === "BUTTON") owner.setAttribute("aria-keyshortcuts", shown(key));
    else owner.removeAttribute("aria-keyshortcuts");
  }
  $("#silent").checked = changed.silent;
}

function tell(words, bad = false) {
  $("#keys-said").textContent = words;
  $("#keys-said").classList.toggle("bad", bad);
}

function label(command) {
  return $("td", lines.find((line) => line.dataset.command === command)).textContent;
}

// Give a command another key, unless that one is taken or needed elsewhere.
function change(command, key) {
  if (RESERVED.test(key) || MENUS.test(key) || !key) return tell(_("%(key)s belongs to the browser: choose another key.", { key: shown(key) }), true);
  const owner = Object.keys(initial).find((other) => other !== command && keysOf(other).includes(key));
  if (owner) return tell(_("%(key)s already does “%(words)s”: choose another key.", { key: shown(key), words: label(owner) }), true);
  if (initial[command].length === 1 && initial[command][0] === key) delete changed.keys[command];
  else changed.keys[command] = key;
  write();
  tell(_("%(key)s now does “%(words)s”.", { key: shown(key), words: label(command) }));
}

let waiting = null;

function wait(line) {
  waiting?.removeAttribute("aria-pressed");
  waiting = line && $("button", line);
  waiting?.setAttribute("aria-pressed", "true");
  if (line) tell(_("Press the new key for “%(words)s”; Esc leaves it as it is.", { words: label(line.dataset.command) }));
}

for (const line of lines) {
  $("button", line).addEventListener("click", () => wait(line));
  $("button", line).addEventListener("blur", () => waiting === $("button", line) && wait(null));
}

$("#help").addEventListener("keydown", (event) => {
  if (!waiting || /^(Shift|Control|Alt|Meta|AltGraph)$/.test(event.key)) return;
  const { command } = waiting.closest("tr").dataset;
  if (event.key === "Tab") return wait(null);
  event.preventDefault();
  event.stopPropagation();
  wait(null);
  if (event.key === "Escape") return tell("");
  if (event.ctrlKey || event.metaKey) return tell(_("Keys with Ctrl belong to the browser: choose another key."), true);
  change(command, keyOf(event));
});

$("#silent").addEventListener("change", () => {
  changed.silent = $("#silent").checked;
  write();
});

$("#reset-keys").addEventListener("click", () => {
  changed = { keys: {}, silent: false };
  write();
  tell(_("The keys were reset."));
});

// Another window of this browser changed them.
addEventListener("storage", (event) => {
  if (event.key !== STORED) return;
  changed = read();
  show();
});

$("#help").addEventListener("close", () => tell(""));
show();
