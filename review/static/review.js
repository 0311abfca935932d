// The review page: keys and buttons become operations, and the rows that come back take the place of the old ones.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const rows = () => [...document.querySelectorAll("#rows .row")];
const token = $("meta[name=csrf-token]").content;

let current = null;

function say(words, bad = false) {
  const status = $("#status");
  status.textContent = words;
  status.classList.toggle("bad", bad);
}

// The chosen row: the one that Tab reaches, and that keys speak of.
function choose(row, focus = true) {
  if (!row) return;
  if (current) current.tabIndex = -1;
  current?.classList.remove("current");
  current = row;
  row.tabIndex = 0;
  row.classList.add("current");
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current);
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  choose(next);
  return next;
}

// Send something; what comes back, or null when it was not done (the reason was said).
async function send(address, body, trouble) {
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
    tell("Not saved: the server does not answer. Nothing typed is lost; try again.");
    return null;
  }
  const isJson = answer.headers.get("content-type")?.startsWith("application/json");
  const content = isJson ? await answer.json() : { message: await answer.text() };
  if (answer.ok) return content;
  tell(`Not saved: ${content.message}`);
  if (answer.status === 409 && content.now) return { conflict: content.now.html };
  return null;
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made by the server, which escapes all text of documents
  return template.content.firstElementChild;
}

// Put the rows of an answer in the place of those that went.
function show(answer) {
  const fresh = answer.rows.map((row) => made(row.html));
  const ids = [...answer.gone, ...answer.rows.map((row) => row.id)].map((id) => `row-${id}`);
  const old = rows().filter((row) => ids.includes(row.id));
  const list = $("#rows");
  const place = document.createComment("");
  const here = $("#translation").value === answer.translation;
  list.insertBefore(place, old[0] ?? (here ? current : null) ?? list.firstChild);
  const hadCurrent = old.includes(current);
  old.forEach((row) => row.remove());
  if (here) fresh.forEach((row) => list.insertBefore(row, place));
  const focus = answer.focus && document.getElementById(`row-${answer.focus}`);
  if (focus) choose(focus);
  else if (hadCurrent || !current?.isConnected) choose(fresh[0] ?? rows()[0]);
  place.remove();
  $("#progress").innerHTML = answer.progress;
  if (answer.changed) {
    say(`Saved. ${answer.changed} ${answer.changed === 1 ? "pair was" : "pairs were"} re-aligned; U takes it back.`);
  } else {
    say("Saved.");
  }
}

function about(row) {
  return { document: +row.dataset.document, number: +row.dataset.number, version: +row.dataset.version };
}

// The versions of the rows beside this one, where they are in sight.
function neighbours(row) {
  const beside = [];
  for (const other of [row.previousElementSibling, row.nextElementSibling]) {
    if (!other?.dataset || other.dataset.document !== row.dataset.document) continue;
    const touches = other.dataset.end === row.dataset.start || other.dataset.start === row.dataset.end;
    if (touches) beside.push([+other.dataset.number, +other.dataset.version]);
  }
  return beside;
}

async function operate(kind, more = {}, row = current, trouble = null) {
  if (!row) return null;
  const answer = await send("/operations", { kind, ...about(row), ...more }, trouble);
  if (answer?.conflict) {
    const fresh = made(answer.conflict);
    row.replaceWith(fresh);
    choose(fresh, !trouble);
    return answer;
  }
  if (answer) show(answer);
  return answer;
}

const regroup = (kind) => operate(kind, { neighbours: neighbours(current) });

// After a pair is done: the next one, or the next page. Where reviewed pairs leave their place, that is this page anew.
function next() {
  const all = rows();
  if (current !== all.at(-1)) return step(1);
  const link = $("a[rel=next]");
  if (!link) return say("Saved. This was the last pair here.");
  const sinks = $("#order").value === "doubt" || $("#show").value === "unreviewed";
  if (sinks) location.reload();
  else location.href = link.href;
}

async function acceptAndNext() {
  const row = current;
  const answer = await operate("accept");
  if (answer && !answer.conflict && row) next();
}

// Dialogs: opened on the chosen row; Escape closes them, and the focus goes back to the row.
const dialogs = {
  edit: {
    open(dialog) {
      const text = (side) => $(`.${side} .text`, current)?.textContent ?? "";
      $("#edit-source").value = text("source");
      $("#edit-target").value = text("target");
      $("#edit-source").disabled = !text("source");
      $("#edit-target").disabled = !text("target");
      $("#edit-source").lang = $(".source", current).lang;
      $("#edit-target").lang = $(".target", current).lang;
      $("#edit-now").replaceChildren();
      ($("#edit-target").disabled ? $("#edit-source") : $("#edit-target")).focus();
    },
    async save(trouble) {
      const texts = { source_text: $("#edit-source").value, target_text: $("#edit-target").value };
      const answer = await operate("edit", texts, current, trouble);
      if (answer?.conflict) {
        // Both texts stay in sight: what is typed here, and what stands there now. Saving again puts this one there.
        $("#edit-now").replaceChildren(made(answer.conflict));
        $("#edit-now").firstElementChild.removeAttribute("id");
      }
      return answer;
    },
    then: () => next(),
  },
  flag: {
    open() {
      const [, category] = /⚑ ([^]*)$/.exec($(".flag", current)?.textContent ?? "") ?? [];
      const options = [...$("#flag-category").options].map((option) => option.value);
      const known = options.filter(Boolean).find((value) => category?.startsWith(value));
      $("#flag-category").value = known ?? options[1];
      $("#flag-comment").value = known && category.length > known.length ? category.slice(known.length + 2) : "";
      $("#flag-category").focus();
    },
    save(trouble) {
      const values = { category: $("#flag-category").value || null, comment: $("#flag-comment").value };
      return operate("flag", values, current, trouble);
    },
    then() {},
  },
  split: {
    async open(dialog) {
      const { document: number, number: row } = about(current);
      let texts;
      try {
        texts = await (await fetch(`/sentences/${number}/${row}`)).json();
      } catch {
        return say("The server does not answer; try again.", true);
      }
      for (const side of ["source", "target"]) {
        const items = (texts[side] ?? []).map((text) => {
          const item = document.createElement("li");
          item.textContent = text;
          item.lang = $(`.${side}`, current).lang;
          return item;
        });
        $(`#split-${side}s`).replaceChildren(...items);
        $(`#split-${side}`).max = items.length;
        $(`#split-${side}`).value = Math.ceil(items.length / 2);
      }
      halves();
      $("#split-source").focus();
    },
    save(trouble) {
      const cuts = { source_cut: +$("#split-source").value, target_cut: +$("#split-target").value };
      return operate("split", cuts, current, trouble);
    },
    then() {},
  },
};

function halves() {
  for (const side of ["source", "target"]) {
    const cut = +$(`#split-${side}`).value;
    [...$(`#split-${side}s`).children].forEach((item, at) => item.classList.toggle("second", at >= cut));
  }
}

function open(name) {
  if (!current) return;
  const dialog = document.getElementById(name);
  $(".trouble", dialog).textContent = "";
  dialog.showModal();
  return dialogs[name].open(dialog);
}

for (const [name, parts] of Object.entries(dialogs)) {
  const dialog = document.getElementById(name);
  if (!dialog) continue;
  const form = $("form", dialog);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enqueue(async () => {
      const answer = await parts.save($(".trouble", dialog));
      if (!answer || answer.conflict) return;
      dialog.close();
      parts.then();
    });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  $(".leave", form).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => choose(current));
}
for (const input of document.querySelectorAll("#split input")) input.addEventListener("input", halves);
$("#help")?.addEventListener("close", () => choose(current));

const help = () => $("#help").showModal();

async function again(address) {
  const answer = await send(address);
  if (answer) show(answer);
}

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
  search: () => $("#search").select() ?? $("#search").focus(),
  help,
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
  queue = queue.then(work).catch((error) => say(`Something went wrong in the page: ${error.message}`, true));
}

if ($("#rows")) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) {
      if (event.key === "Escape") choose(current);
      return;
    }
    if (event.key === "Enter" && event.target.closest("a, button")) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    enqueue(commands[command]);
  });
  $("#rows").addEventListener("focusin", (event) => choose(event.target.closest(".row"), false));
  $("#rows").addEventListener("click", (event) => {
    if (!getSelection().toString()) choose(event.target.closest(".row"));
  });
  for (const button of document.querySelectorAll("#actions button")) {
    button.addEventListener("click", () => enqueue(commands[button.dataset.command]));
  }
  $("#show-help").addEventListener("click", help);
  choose(rows()[0]);
}

for (const button of document.querySelectorAll("button.allow")) {
  button.addEventListener("click", async () => {
    const { document: number, number: aside } = button.dataset;
    const answer = await send("/operations", { kind: "allow", document: +number, number: +aside, version: 0 });
    if (!answer) return;
    const gone = button.closest(".row");
    const neighbour = gone.nextElementSibling?.querySelector("button") ?? $("nav a");
    gone.remove();
    neighbour.focus();
    say("Done. U on the page of pairs takes it back.");
  });
}
