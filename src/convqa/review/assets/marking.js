"use strict";
// Marking words for a criterion: with the mouse, or word by word with the arrow keys.

const marking = document.getElementById("marking");
const announce = document.getElementById("announce");
let markedFor = null; // the fieldset of the criterion whose words are being marked

function spansOf(fieldset) {
  const field = fieldset.querySelector("input[name^='spans.']");
  return field.value.split(" ").filter(Boolean).map((text) => {
    const [turn, start, end] = text.split(":").map(Number);
    return { turn, start, end };
  });
}

function setSpans(fieldset, spans) {
  const field = fieldset.querySelector("input[name^='spans.']");
  field.value = spans.map((s) => `${s.turn}:${s.start}:${s.end}`).join(" ");
  showSpans(fieldset);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** List the marked words, each with a button that removes it. */
function showSpans(fieldset) {
  const list = fieldset.querySelector(".marked");
  const spans = spansOf(fieldset);
  list.replaceChildren(...spans.map((span, place) => {
    const item = document.createElement("li");
    const words = document.createElement("bdi");
    words.textContent = wordsOf(span);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", list.dataset.remove.replace("{words}", words.textContent));
    remove.addEventListener("click", () => {
      setSpans(fieldset, spans.filter((_, other) => other !== place));
      fieldset.querySelector(".mark-words").focus();
    });
    item.append(words, remove);
    return item;
  }));
  list.hidden = spans.length === 0;
  showMarks();
}

/** Let all marked words of all criteria stand out in the transcript. */
function showMarks() {
  if (!CSS.highlights) return;
  const ranges = [...document.querySelectorAll("fieldset.review")]
    .filter((fieldset) => fieldset.querySelector("input[value='correct']").checked)
    .flatMap(spansOf).map(rangeOf).filter(Boolean);
  CSS.highlights.set("marked", new Highlight(...ranges));
}

function startMarking(fieldset) {
  markedFor = fieldset;
  const title = document.getElementById("marking-for");
  title.textContent = title.dataset.words.replace("{criterion}", fieldset.dataset.name);
  marking.hidden = false;
  document.body.classList.add("is-marking");
  for (const said of document.querySelectorAll(".said")) said.tabIndex = 0;
  const evidence = fieldset.closest(".result").querySelector("a.quote");
  const turn = evidence ? evidence.hash.slice(3) : "0";
  const said = document.querySelector(`.said[data-turn="${turn}"]`) || document.querySelector(".said");
  marking.scrollIntoView({ block: "nearest" });
  if (said) selectWords(said, 0, 0);
}

function stopMarking() {
  if (!markedFor) return;
  const fieldset = markedFor;
  markedFor = null;
  marking.hidden = true;
  document.body.classList.remove("is-marking");
  for (const said of document.querySelectorAll(".said")) said.removeAttribute("tabindex");
  getSelection().removeAllRanges();
  const button = fieldset.querySelector(".mark-words");
  button.scrollIntoView({ block: "center" });
  button.focus({ preventScroll: true });
}

function takeSelected() {
  const spans = selectedSpans();
  if (!markedFor || spans.length === 0) return;
  setSpans(markedFor, [...spansOf(markedFor), ...spans]);
  announce.textContent = spans.map(wordsOf).join(" ");
  stopMarking();
}

/** The words of a turn as spans: what lies between spaces. */
function wordSpans(said) {
  const turn = Number(said.dataset.turn);
  const spans = [];
  let open = null;
  for (const piece of piecesOf(said)) {
    const letters = piece.dataset.odd ? ["\u25a1"] : [...piece.textContent];
    letters.forEach((letter, place) => {
      const at = Number(piece.dataset.s) + place;
      if (/\s/.test(letter)) open = null;
      else if (open) open.end = at + 1;
      else spans.push(open = { turn, start: at, end: at + 1 });
    });
  }
  return spans;
}

let cursor = { said: null, from: 0, to: 0 };

/** Select the words from number `from` to number `to` of a turn, in either order. */
function selectWords(said, from, to) {
  const words = wordSpans(said);
  if (words.length === 0) return;
  const within = (place) => Math.max(0, Math.min(words.length - 1, place));
  cursor = { said, from: within(from), to: within(to) };
  const [first, last] = [Math.min(cursor.from, cursor.to), Math.max(cursor.from, cursor.to)];
  const range = rangeOf({ turn: words[0].turn, start: words[first].start, end: words[last].end });
  said.focus({ preventScroll: true });
  said.closest(".turn").scrollIntoView({ block: "nearest" });
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  announce.textContent = range.toString();
}

function neighbourTurn(said, step) {
  const all = [...document.querySelectorAll(".said")];
  return all[all.indexOf(said) + step] || said;
}

document.addEventListener("keydown", (event) => {
  if (!markedFor) return;
  if (event.key === "Escape") {
    event.preventDefault();
    stopMarking();
    return;
  }
  const said = event.target.closest(".said");
  if (!said || event.ctrlKey || event.metaKey || event.altKey) return;
  if (cursor.said !== said) cursor = { said, from: 0, to: 0 };
  const { from, to } = cursor;
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const turns = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && event.shiftKey) selectWords(said, from, to + steps[event.key]);
  else if (event.key in steps) selectWords(said, to + steps[event.key], to + steps[event.key]);
  else if (event.key in turns) selectWords(neighbourTurn(said, turns[event.key]), 0, 0);
  else if (event.key === "Enter") takeSelected();
  else return;
  event.preventDefault();
});

document.getElementById("take").addEventListener("mousedown", (event) => event.preventDefault());
document.getElementById("take").addEventListener("click", takeSelected);
document.getElementById("stop").addEventListener("click", stopMarking);
for (const fieldset of document.querySelectorAll("fieldset.review")) {
  fieldset.querySelector(".words").hidden = false;
  fieldset.querySelector(".mark-words").addEventListener("click", () => startMarking(fieldset));
  showSpans(fieldset);
}
