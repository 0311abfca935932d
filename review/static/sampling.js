// The pages of samples and of matches: keys press the buttons and links that name them (data-key, by the place of the key).

import { $ } from "./base.js";

// Who has turned single characters off on the page of pairs (for speech input) has none here either.
function isSilent() {
  try {
    return JSON.parse(localStorage.getItem("qosmatin-keys") ?? "{}").silent === true;
  } catch {
    return false;
  }
}

// A Latin letter means what it says, wherever its key is; any other alphabet goes by place.
const keyOf = (event) => (/^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.code);

const silent = isSilent();
if (silent) {
  for (const one of document.querySelectorAll("[data-key]")) {
    $("kbd", one).hidden = true;
    one.removeAttribute("aria-keyshortcuts");
  }
}

// A key held down, or pressed twice while the next pair comes, judges once.
let left = false;

addEventListener("keydown", (event) => {
  if (silent || left || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const within = document.activeElement?.closest("article:has([data-key])") ?? document;
  const wanted = `[data-key="${keyOf(event)}"]`;
  const found = $(wanted, within) ?? $(wanted);
  if (!found) return;
  event.preventDefault();
  left = true;
  found.click();
});
addEventListener("pageshow", () => {
  left = false;
  $("#item")?.focus({ preventScroll: true });
});
