// Which word means which: words that mean each other light up under the mouse, or one after another by key.

import { $, _, chosen, say } from "./base.js";
import { showHits } from "./hits.js";
import { about } from "./operations.js";
import { tellApart } from "./quality.js";

// Cut the texts of a row into words that can light up; asked for once, and again when the server was not ready.
const prepared = new WeakMap();

export function prepare(row) {
  if (!prepared.has(row)) prepared.set(row, ask(row));
  return prepared.get(row);
}

async function ask(row) {
  const { document: document_, number, version } = about(row);
  let answer;
  try {
    answer = await (await fetch(`/links/${document_}/${number}`)).json();
  } catch {
    answer = {};
  }
  if (!answer.ready) prepared.delete(row);
  if (!answer.links?.length || answer.version !== version || !getSelection().isCollapsed) return [];
  const sides = ["source", "target"].map((side, at) => cut($(`.${side} .text`, row), answer.links.map((link) => link[at])));
  tellApart(row);
  showHits();
  return answer.links.map(([source, target]) => [sides[0].get(source[0]), sides[1].get(target[0])]);
}

// Put each of the places (start and end in code points, as the server counts) of a text into an element of its own.
function cut(element, places) {
  const letters = [...element.textContent];
  const words = new Map();
  const parts = [];
  let end = 0;
  for (const [from, to] of [...places].sort((one, other) => one[0] - other[0])) {
    if (words.has(from)) continue;
    const word = document.createElement("span");
    word.textContent = letters.slice(from, to).join("");
    words.set(from, word);
    parts.push(letters.slice(end, from).join(""), word);
    end = to;
  }
  element.replaceChildren(...parts, letters.slice(end).join(""));
  return words;
}

let lit = [];

function light(links, word) {
  lit.forEach((one) => one.classList.remove("linked", "asked"));
  const counterparts = links.flatMap(([one, other]) => (one === word ? [other] : other === word ? [one] : []));
  lit = counterparts.length ? [word, ...counterparts] : [];
  lit.forEach((one) => one.classList.add("linked"));
  lit[0]?.classList.add("asked");
  return counterparts;
}

// By mouse: a moment after it came to a row, so that crossing the page asks for nothing.
let soon = 0;
document.getElementById("rows").addEventListener("pointerover", (event) => {
  clearTimeout(soon);
  const row = event.target.closest(".row");
  if (!row || !event.target.closest(".text")) return light([], null);
  soon = setTimeout(async () => {
    const links = await prepare(row);
    const word = document.querySelectorAll(":hover");
    light(links, word[word.length - 1]);
  }, prepared.has(row) ? 0 : 120);
});

// By key: the next word of the source that has a counterpart, and it is said what that is.
export async function nextWord() {
  const { row } = chosen;
  if (!row) return;
  const links = await prepare(row);
  const words = [...new Set(links.map(([source]) => source))];
  if (!words.length) return say(_("No word links are known here."));
  const word = words[words.indexOf(lit[0]) + 1] ?? words[0];
  const counterparts = light(links, word);
  say(`${word.textContent} – ${counterparts.map((one) => one.textContent).join(", ")}`);
}
