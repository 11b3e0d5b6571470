"use strict";
// The transcript: evidence and criteria lead to each other, and places in it have numbers.

/** Give an element the focus, open what hides it, and let it stand out for a moment. */
function goTo(target) {
  const folds = target.closest("details");
  if (folds) folds.open = true;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
  for (const old of document.querySelectorAll(".found")) old.classList.remove("found");
  target.classList.add("found");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.badge, a.quote");
  if (!link || event.ctrlKey || event.metaKey) return;
  const target = document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  history.replaceState(null, "", link.hash);
  goTo(target);
  if (!link.classList.contains("quote")) return;
  for (const mark of target.querySelectorAll(`mark[data-results~="${link.dataset.result}"]`)) {
    mark.classList.add("found");
  }
});

// The places that hold the words of a search, one after the other.
let hitAt = 0;

for (const button of document.querySelectorAll("[data-hit]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const hits = document.querySelectorAll("mark[id^='h-']");
    const step = Number(button.dataset.hit);
    hitAt = (Math.max(hitAt, step < 0 ? 1 : 0) - 1 + step + hits.length) % hits.length + 1;
    goTo(document.getElementById(`h-${hitAt}`));
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".hits a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  hitAt = Number(link.hash.slice("#h-".length));
  goTo(document.getElementById(`h-${hitAt}`));
});

// What would change an outcome is worked out when somebody asks, and shown in place.
document.addEventListener("click", async (event) => {
  const link = event.target.closest(".flips a");
  if (!link || event.ctrlKey || event.metaKey || link.closest(".flip-list")) return;
  event.preventDefault();
  const answer = await fetch(link.href);
  if (!answer.ok || answer.redirected) {
    location.href = link.href;
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = document.createElement("div");
  found.className = "flips";
  found.tabIndex = -1;
  found.append(...page.getElementById("flips").children);
  link.closest(".flips").replaceWith(found);
  found.focus({ preventScroll: true });
});

if (location.hash) {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.closest("main")) goTo(target);
}

/** The pieces of a turn: each knows its first character, as code points of the stored text. */
function piecesOf(said) {
  return [...said.querySelectorAll("[data-s]")];
}

function endOf(piece) {
  const start = Number(piece.dataset.s);
  return start + (piece.dataset.odd ? 1 : [...piece.textContent].length);
}

/** The code point of the stored text that a place in the page stands at. */
function pointOf(said, node, offset) {
  let last = 0;
  for (const piece of piecesOf(said)) {
    const inside = document.createRange();
    inside.selectNodeContents(piece);
    const order = inside.comparePoint(node, offset);
    if (order < 0) return last;
    if (order === 0) {
      if (piece.dataset.odd) return Number(piece.dataset.s);
      const before = document.createRange();
      before.setStart(piece, 0);
      before.setEnd(node, offset);
      return Number(piece.dataset.s) + [...before.toString()].length;
    }
    last = endOf(piece);
  }
  return last;
}

/** The place in the page of a code point of the stored text: a node and an offset. */
function placeOf(said, point, isEnd) {
  for (const piece of piecesOf(said)) {
    const start = Number(piece.dataset.s);
    const end = endOf(piece);
    if (isEnd ? point > end : point >= end) continue;
    const node = piece.firstChild;
    if (piece.dataset.odd) return [node, isEnd ? node.length : 0];
    return [node, [...node.data].slice(0, point - start).join("").length];
  }
  return null;
}

/** The range of the page that shows the characters of a span, or null. */
function rangeOf(span) {
  const said = document.querySelector(`.said[data-turn="${span.turn}"]`);
  const start = said && placeOf(said, span.start, false);
  const end = said && placeOf(said, span.end, true);
  if (!start || !end) return null;
  const range = document.createRange();
  range.setStart(...start);
  range.setEnd(...end);
  return range;
}

/** The words of a span, without the badges that stand among them. */
function wordsOf(span) {
  const said = document.querySelector(`.said[data-turn="${span.turn}"]`);
  if (!said) return "";
  return piecesOf(said).map((piece) => {
    if (piece.dataset.odd) {
      const at = Number(piece.dataset.s);
      return at >= span.start && at < span.end ? piece.textContent : "";
    }
    const from = Number(piece.dataset.s);
    return [...piece.textContent]
      .slice(Math.max(0, span.start - from), Math.max(0, span.end - from)).join("");
  }).join("");
}

/** The spans that the selection covers, one for each turn, without spaces around them. */
function selectedSpans() {
  const selection = getSelection();
  if (selection.rangeCount === 0 || selection.isCollapsed) return [];
  const range = selection.getRangeAt(0);
  const spans = [];
  for (const said of document.querySelectorAll(".said")) {
    if (!range.intersectsNode(said)) continue;
    const isFirst = said.contains(range.startContainer);
    const isLast = said.contains(range.endContainer);
    const pieces = piecesOf(said);
    if (pieces.length === 0) continue;
    const span = {
      turn: Number(said.dataset.turn),
      start: isFirst ? pointOf(said, range.startContainer, range.startOffset) : 0,
      end: isLast ? pointOf(said, range.endContainer, range.endOffset) : endOf(pieces.at(-1)),
    };
    const letters = [...wordsOf(span)];
    const isPlain = !said.querySelector("[data-odd]");
    while (isPlain && letters.length && /\s/.test(letters[0])) { letters.shift(); span.start += 1; }
    while (isPlain && letters.length && /\s/.test(letters.at(-1))) { letters.pop(); span.end -= 1; }
    if (span.end > span.start) spans.push(span);
  }
  return spans;
}
