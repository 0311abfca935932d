// Marks of errors in a text: choosing words by mouse, touch or keys, and drawing what is marked. Offsets count UTF-16
// code units, as strings here do; both ends of a span belong to it, and one at the end of the text is what is missing.

const WORD = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]+/gu;

export const wordsOf = (text) => [...text.matchAll(WORD)].map((found) => [found.index, found.index + found[0].length - 1]);

// Where the selection lies in a text, both ends included; null where nothing of it is selected.
export function selectedIn(block) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!block.contains(range.startContainer) || !block.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(block);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  const chosen = range.toString();
  const trimmed = chosen.trim();
  if (!trimmed) return null;
  const from = start + chosen.indexOf(trimmed);
  return [from, from + trimmed.length - 1];
}

// The place in a text's nodes of an offset into it.
function placeOf(block, offset) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) return [node, left];
    left -= node.length;
  }
  return [block, block.childNodes.length];
}

export function select(block, [start, end]) {
  getSelection().setBaseAndExtent(...placeOf(block, start), ...placeOf(block, end + 1));
}

// Draw a text with its marks. Only text goes into the page.
export function draw(block, text, spans) {
  const parts = [];
  let at = 0;
  for (const span of [...spans].sort((one, other) => one.start - other.start)) {
    if (span.start >= text.length) continue;
    parts.push(text.slice(at, span.start));
    const mark = document.createElement("mark");
    mark.className = `${span.severity}${span.suggested ? " suggested" : ""}`;
    mark.textContent = text.slice(span.start, span.end + 1);
    parts.push(mark);
    at = span.end + 1;
  }
  block.replaceChildren(...parts, text.slice(at));
}

// Arrow keys choose words: the next, the one before, the first, the last; with Shift the stretch grows. Returns what is
// chosen now, or null for another key. ``anchor`` is the word from which a stretch grows.
export class WordChoice {
  constructor(text) {
    this.words = wordsOf(text);
    this.anchor = this.focus = -1;
  }

  press(event) {
    const last = this.words.length - 1;
    if (last < 0) return null;
    const steps = { ArrowRight: this.focus + 1, ArrowLeft: this.focus - 1, Home: 0, End: last };
    if (!(event.key in steps)) return null;
    this.focus = Math.min(Math.max(steps[event.key], 0), last);
    if (!event.shiftKey || this.anchor < 0) this.anchor = this.focus;
    const [from, to] = [this.anchor, this.focus].sort((one, other) => one - other);
    return [this.words[from][0], this.words[to][1]];
  }
}
