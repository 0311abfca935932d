// What every part of the page uses: finding things, saying things, the chosen row, and talking to the server.

export const $ = (selector, within = document) => within.querySelector(selector);
export const rows = () => [...document.querySelectorAll("#rows .row")];
// What only a script serves is closed until that is ready: pressed too soon, the browser would load the page anew, and what
// was typed would be gone.
export function unlock() {
  for (const one of document.querySelectorAll("fieldset.closed")) one.disabled = false;
}

let token = $("meta[name=csrf-token]").content;

// The words of the page in the reader's language: as gettext, placeholders %(name)s.
const words = JSON.parse(document.body.dataset.words);
export function _(message, values = {}) {
  return (words[message] ?? message).replace(/%\((\w+)\)s/g, (all, name) => values[name]);
}

export function say(words, bad = false) {
  const status = $("#status");
  status.textContent = words;
  status.classList.toggle("bad", bad);
}

// The bars above and below stay in sight where there is room for them, and must never cover what is chosen.
const header = $("header");
const foot = $("#foot");
const bars = new ResizeObserver(() => {
  const covers = getComputedStyle(header).position === "sticky";
  document.documentElement.style.setProperty("--header", covers ? `${header.offsetHeight}px` : "0px");
  document.documentElement.style.setProperty("--foot", `${foot.offsetHeight}px`);
});
bars.observe(header);
bars.observe(foot);

// The chosen row: the one that Tab reaches, and that keys speak of.
export const chosen = { row: null };

// Whoever types somewhere keeps the focus, whatever the server answers in the meantime. (A dialog that has just closed
// still holds it for a moment.)
function isTyping() {
  const field = document.activeElement?.closest("input, select, textarea");
  return Boolean(field) && !field.closest("dialog:not([open])");
}

export function choose(row, focus = !isTyping()) {
  if (!row) return;
  if (chosen.row) chosen.row.tabIndex = -1;
  chosen.row?.classList.remove("current");
  chosen.row = row;
  row.tabIndex = 0;
  row.classList.add("current");
  row.dispatchEvent(new Event("chosen", { bubbles: true }));
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  document.dispatchEvent(new Event("chosen"));
}

export function step(by) {
  const all = rows();
  const next = all[Math.min(Math.max(all.indexOf(chosen.row) + by, 0), all.length - 1)];
  choose(next);
  return next;
}

// The server was started again, or its person has logged in again (in another tab), since this page was made: what was
// typed here still counts. For another person it does not.
async function hasNewToken() {
  const answer = await fetch("/token").catch(() => null);
  const fresh = answer?.ok ? await answer.json() : null;
  if (!fresh || fresh.reviewer !== $("meta[name=reviewer]").content || fresh.token === token) return false;
  token = fresh.token;
  return true;
}

// Send something; what comes back, or null when it was not done (the reason was said). What is asked for ``plainly`` and
// cannot be done is told as it is: nothing was to be saved.
export async function send(address, body, trouble, plainly = false) {
  const tell = (words) => {
    if (trouble) trouble.textContent = words;
    say(words, true);
  };
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    tell(_("Not saved: the server does not answer. Nothing typed is lost; try again."));
    return null;
  }
  if (answer.status === 403 && (await hasNewToken())) return send(address, body, trouble, plainly);
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  const content = isJson ? await answer.json() : { message: await answer.text() };
  if (answer.ok) return content;
  if (plainly && answer.status === 422) say(content.message);
  else tell(_("Not saved: %(reason)s", { reason: content.message }));
  if (answer.status === 409 && content.now) return { conflict: content.now.html, difference: content.difference };
  return null;
}

export function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made by the server, which escapes all text of documents
  return template.content.firstElementChild;
}

// What fields hold, by their names; nothing chosen is null.
export function valuesOf(fields) {
  const value = (field) => (field.type === "checkbox" ? field.checked : field.tagName === "SELECT" ? field.value || null : field.value);
  return Object.fromEntries([...fields].map((field) => [field.name, value(field)]));
}
