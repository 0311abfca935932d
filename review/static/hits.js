// What was searched for is marked in the texts, without regard to case in every script of Kazakh, as the search itself.

import { $ } from "./base.js";

const DOTTED = ["i", "I", "İ", "ı"];

function formsOf(letter) {
  const forms = DOTTED.includes(letter) ? DOTTED : [letter, letter.toLowerCase(), letter.toUpperCase()];
  const all = new Set(forms.flatMap((form) => [form, form.normalize("NFD")]));
  // The longest first: a decomposed letter begins with another letter.
  return [...all].sort((one, other) => other.length - one.length).map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

const patternOf = (words) => [...words.normalize("NFC")].map((letter) => `(?:${formsOf(letter).join("|")})`).join("");

// The place in a text's nodes that so many characters of it come before.
function placeIn(text, at) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let left = at;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) return [node, left];
    left -= node.length;
  }
  return null;
}

function rangesIn(text, pattern) {
  return [...text.textContent.matchAll(pattern)].flatMap((match) => {
    const [from, to] = [placeIn(text, match.index), placeIn(text, match.index + match[0].length)];
    if (!from || !to) return [];
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    return [range];
  });
}

export function showHits() {
  const words = $("#search")?.defaultValue.trim();
  if (!words || !globalThis.CSS?.highlights) return;
  const parts = $("#apart").defaultChecked ? words.split(/\s+/) : [words];
  const pattern = new RegExp(parts.map(patternOf).join("|"), "gu");
  const side = $("#side").dataset.side ? `.${$("#side").dataset.side}` : "";
  const texts = [...document.querySelectorAll(`#rows .row ${side} .text`)];
  CSS.highlights.set("hits", new Highlight(...texts.flatMap((text) => rangesIn(text, pattern))));
}
