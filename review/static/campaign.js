// The page on which a document of a campaign is judged: marks, scores, choices, and saving them. What was said so far is
// kept in the browser until the server has it, so that no reload, closed tab or dead server loses it.

import { $, _, say, send, unlock } from "./base.js";
import { keep as store, kept } from "./kept.js";
import { WordChoice, draw, select, selectedIn } from "./spans.js";

const form = $("#judging");
const bar = $("#marking");
const key = form && ["qosmatin-campaign", form.dataset.campaign, form.dataset.document, form.dataset.annotator].join("/");
const outputs = [...document.querySelectorAll(".output")].map((element) => {
  const block = $(".judged", element);
  const index = +element.closest(".passage").dataset.item;
  const column = +element.dataset.column;
  const text = block.textContent;
  return { element, block, index, column, text, spans: JSON.parse(element.dataset.spans), choice: new WordChoice(text) };
});
let actions = [];
let pending = null; // what is chosen, and not marked yet

const act = (action, more = {}) => actions.push({ time: Date.now() / 1000, action, ...more });
const named = (output, span) => ({ index: output.index, column: output.column, start_i: span.start, end_i: span.end });

function keep() {
  const scores = outputs.map((one) => $(".value", one.element)?.value ?? "");
  const chosen = [...form.querySelectorAll("[type=radio]:checked")].map((one) => [one.name, one.value]);
  store(key, "said", structuredClone({ spans: outputs.map((one) => one.spans), scores, chosen, actions }));
}

async function restore() {
  const { said: before } = await kept(key);
  if (before?.spans?.length !== outputs.length) return;
  actions = before.actions;
  outputs.forEach((one, at) => {
    one.spans = before.spans[at];
    if (before.scores[at]) setScore(one, before.scores[at]);
  });
  for (const [name, value] of before.chosen) {
    const found = [...form.querySelectorAll("[type=radio]")].find((one) => one.name === name && one.value === value);
    if (found) found.checked = true;
  }
}

function setScore(output, value) {
  $(".value", output.element).value = value;
  $(".slide", output.element).value = value;
  output.element.classList.toggle("scored", value !== "");
}

function button(words, label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", press);
  return made;
}

const severities = bar ? [...bar.querySelectorAll("[data-severity]")] : [];
const wordOf = (severity) => severities.find((one) => one.dataset.severity === severity)?.firstChild.textContent.trim() ?? severity;

function categoryOf(value) {
  return [...(bar.querySelectorAll("#category option") ?? [])].find((one) => one.value === value)?.textContent ?? "";
}

function show(output) {
  const list = $(".spans", output.element);
  if (!list) return;
  draw(output.block, output.text, output.spans);
  list.replaceChildren(
    ...output.spans.map((span) => {
      const entry = document.createElement("li");
      const words = span.start >= output.text.length ? _("something is missing") : output.text.slice(span.start, span.end + 1);
      const quote = document.createElement("q");
      quote.textContent = words;
      const mark = span.suggested ? "⚙ " : "";
      const next = severities[(severities.findIndex((one) => one.dataset.severity === span.severity) + 1) % severities.length];
      const change = button(`${mark}${wordOf(span.severity)}`, _("“%(words)s” is %(severity)s: change that", { words, severity: wordOf(span.severity) }), () => {
        span.severity = next.dataset.severity;
        span.suggested = false;
        act("severity", named(output, span));
        update(output, span);
      });
      change.className = span.severity;
      const remove = button("✕", _("“%(words)s” is no error: take the mark away", { words }), () => {
        output.spans = output.spans.filter((one) => one !== span);
        act("delete_span", named(output, span));
        update(output);
        output.block.focus();
        say(_("The mark is gone."));
      });
      const category = document.createElement("span");
      category.textContent = span.category ? categoryOf(span.category) : "";
      entry.append(quote, " ", category, " ", change, remove);
      return entry;
    }),
  );
}

function update(output, span = null) {
  output.spans.sort((one, other) => one.start - other.start);
  show(output);
  keep();
  if (span) $(".spans", output.element).children[output.spans.indexOf(span)]?.querySelector("button").focus();
}

function mark(severity) {
  if (!pending) return;
  const { output, start, end } = pending;
  if (output.spans.some((one) => one.start <= end && one.end >= start)) {
    say(_("A part of this is marked already: take that mark away first."), true);
    return;
  }
  const span = { start, end, severity, category: $("#category")?.value ?? null, suggested: false };
  output.spans.push(span);
  act("create_span", named(output, span));
  getSelection().removeAllRanges();
  choose(null);
  update(output);
  output.block.focus({ preventScroll: true });
  say(_("Marked as %(severity)s.", { severity: wordOf(severity) }));
}

function choose(what) {
  pending = what;
  bar.hidden = !what;
  if (!what) return;
  const words = what.start >= what.output.text.length ? _("something is missing") : what.output.text.slice(what.start, what.end + 1);
  $(".chosen", bar).textContent = words;
}

if (bar) {
  document.addEventListener("selectionchange", () => {
    for (const output of outputs) {
      const chosen = selectedIn(output.block);
      if (chosen) choose({ output, start: chosen[0], end: chosen[1] });
    }
  });
  for (const one of severities) {
    one.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
    one.addEventListener("click", () => mark(one.dataset.severity));
  }
  document.addEventListener("keydown", (event) => {
    if (!pending || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select")) return;
    if (event.key === "Escape") {
      const { block } = pending.output;
      getSelection().removeAllRanges();
      choose(null);
      block.focus();
    } else if (severities[+event.key - 1]) {
      event.preventDefault();
      mark(severities[+event.key - 1].dataset.severity);
    }
  });
}

for (const output of outputs) {
  $(".missing", output.element)?.addEventListener("click", () => {
    choose({ output, start: output.text.length, end: output.text.length });
    severities[0].focus();
  });
  output.block.addEventListener("keydown", (event) => {
    const chosen = bar && output.choice.press(event);
    if (!chosen) return;
    event.preventDefault();
    select(output.block, chosen);
    // The browser tells of a selection later; a key that follows at once is about this one.
    choose({ output, start: chosen[0], end: chosen[1] });
    say(output.text.slice(chosen[0], chosen[1] + 1));
  });
  for (const field of output.element.querySelectorAll(".value, .slide")) {
    field.addEventListener("input", () => {
      setScore(output, field.value);
      keep();
    });
    field.addEventListener("change", () => {
      act("score", { index: output.index, column: output.column, value: Math.round(+field.value) });
      keep();
    });
  }
}
form?.addEventListener("change", keep);

function opinionOf(output) {
  const better = form.querySelector(`[name="better-${output.index + 1}"]:checked`);
  const value = $(".value", output.element)?.value ?? "";
  const score = better ? (better.value === "" ? 50 : +better.value === output.column ? 100 : 0) : value === "" ? null : Number(value);
  const spans = output.spans.map(({ start, end, severity, category }) => ({ start, end, severity, category }));
  return { score, spans };
}

async function save(skip) {
  for (const one of form.querySelectorAll(".trouble")) one.textContent = "";
  const empty = !skip && outputs.find((one) => $(".value", one.element)?.value === "");
  if (empty) {
    $("#trouble").textContent = _("A translation has no score yet.");
    $(".value", empty.element).focus();
    return;
  }
  act(skip ? "submit_skip" : "submit");
  const passages = [...form.querySelectorAll(".passage")];
  const annotation = passages.map((_passage, at) => outputs.filter((one) => one.index === at).map(opinionOf));
  const body = { document: form.dataset.document, annotation, actions, skip };
  const answer = await send(`/campaign/${form.dataset.campaign}`, body, $("#trouble"));
  if (!answer) return;
  if (answer.warnings) {
    for (const one of answer.warnings) $(".trouble", passages[one.item]).textContent = one.message;
    say(_("Not saved: look at the remarks beside the passages."), true);
    passages[answer.warnings[0].item].scrollIntoView({ block: "center" });
    return;
  }
  await store(key, "said", null);
  location.assign(answer.next);
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(false);
  });
  $("#skip")?.addEventListener("click", () => save(true));
  restore().finally(() => {
    outputs.forEach(show);
    act("load");
    unlock();
  });
}
addEventListener("pageshow", () => $("#item")?.focus({ preventScroll: true }));
