// One conversation: its words with the evidence marked, and how every point was won or lost.

const SIGNS = { pass: "✓", partial: "½", fail: "✕", na: "–", undetermined: "?" };
const SEVERITY = ["fail", "partial", "undetermined", "pass", "na"];

function markId(conversation, turn) {
  return `turn-${data.conversations.indexOf(conversation)}-${turn}`;
}

function resultId(conversation, index) {
  return `result-${data.conversations.indexOf(conversation)}-${index}`;
}

/** Bring an element into view, give it the focus, and let it stand out for a moment. */
function goTo(id) {
  const target = document.getElementById(id);
  if (!target) return;
  const folds = target.closest("details");
  if (folds) folds.open = true;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
  for (const old of document.querySelectorAll(".found")) old.classList.remove("found");
  target.classList.add("found");
}

/** Go to a turn, with the words that decided a result standing out. */
function goToWords(conversation, turn, index) {
  const id = markId(conversation, turn);
  goTo(id);
  const marks = document.querySelectorAll(`#${id} mark[data-results~="${index}"]`);
  for (const mark of marks) mark.classList.add("found");
}

function sign(outcome) {
  return make("span", { class: `sign ${outcome}`, "aria-hidden": "true" }, SIGNS[outcome]);
}

function badge(conversation, index) {
  const result = conversation.results[index];
  const name = `${criterionName(result.id)}: ${label("outcome", result.outcome)}`;
  return make("button", {
    type: "button", class: `badge ${result.outcome}`, title: name, "aria-label": name,
    onclick: () => goTo(resultId(conversation, index)),
  }, `${SIGNS[result.outcome]}\u00a0${index + 1}`);
}

function markedPiece(conversation, piece) {
  if (typeof piece === "string") return [piece];
  const [text, indexes, ends] = piece;
  const outcomes = indexes.map((index) => conversation.results[index].outcome);
  const worst = SEVERITY.find((outcome) => outcomes.includes(outcome));
  return [
    make("mark", { class: worst, "data-results": indexes.join(" ") }, text),
    ...ends.map((index) => badge(conversation, index)),
  ];
}

function transcript(conversation) {
  const turns = conversation.turns.map((turn, number) => {
    const isOther = turn.agent && turn.agent !== conversation.agent;
    const speaker = label("role", turn.role) + (isOther ? ` ${turn.agent}` : "");
    return make("li", { class: `turn ${turn.role}`, id: markId(conversation, number), tabindex: -1 },
      make("div", { class: "speaker" },
        make("bdi", { class: "who" }, speaker),
        turn.inferred ? make("span", { class: "dim" }, words.role_inferred) : null,
        turn.time ? make("span", { class: "dim time" }, turn.time) : null),
      make("bdi", { class: "said", lang: conversation.language || false },
        ...turn.pieces.flatMap((piece) => markedPiece(conversation, piece))));
  });
  return make("section", { class: "transcript", "aria-label": words.transcript, tabindex: 0 },
    make("h3", null, words.transcript),
    turns.length ? make("ol", null, ...turns) : make("p", { class: "dim" }, words.no_transcript));
}

function quotes(conversation, result) {
  if (result.evidence.length === 0) return null;
  return make("ul", { class: "quotes" }, ...result.evidence.map((evidence) =>
    make("li", null, make("button", {
      type: "button", class: "quote",
      onclick: () => goToWords(conversation, evidence.turn, conversation.results.indexOf(result)),
    },
    make("bdi", { lang: conversation.language || false }, evidence.quote || words.this_turn),
    make("span", { class: "dim" }, fill(words.turn_source, {
      turn: evidence.turn + 1, source: label("source", evidence.source),
    }))))));
}

function explained(conversation, result, index) {
  const criterion = Object.hasOwn(data.criteria, result.id) ? data.criteria[result.id] : null;
  const isLost = result.outcome === "fail" || result.outcome === "partial";
  const isOthers = result.agent && result.agent !== conversation.agent;
  return make("li", { class: "result", id: resultId(conversation, index), tabindex: -1 },
    make("div", { class: "head" },
      sign(result.outcome),
      make("h4", null, `${index + 1}. ${criterionName(result.id)}`),
      make("span", { class: "cost" }, result.lost > 0
        ? fill(words.points_lost, { points: oneDecimal.format(result.lost) })
        : label("outcome", result.outcome))),
    criterion && criterion.ask ? make("p", { class: "dim ask" }, criterion.ask) : null,
    make("p", { class: "reason" },
      make("strong", null, `${label("outcome", result.outcome)}. `), make("bdi", null, result.reason)),
    isOthers ? make("p", { class: "dim" }, fill(words.charged_to, { agent: result.agent })) : null,
    quotes(conversation, result),
    isLost && criterion && criterion.hint
      ? make("p", { class: "hint" }, make("strong", null, words.hint), " ", criterion.hint) : null,
    isLost && criterion && criterion.appeal
      ? make("p", { class: "dim appeal" }, words.when_to_appeal, " ", criterion.appeal) : null);
}

/** Results with some outcomes, under a heading, the costliest first; null where there are none. */
function results(conversation, title, outcomes, attributes) {
  const found = conversation.results
    .map((result, index) => [result, index])
    .filter(([result]) => outcomes.includes(result.outcome))
    .sort((a, b) => b[0].lost - a[0].lost || b[0].weight - a[0].weight);
  if (found.length === 0) return null;
  const list = make("ul", { class: "results" },
    ...found.map(([result, index]) => explained(conversation, result, index)));
  const names = attributes.class === "lost" ? [] : found.map(([result]) =>
    make("span", { class: "chip" }, sign(result.outcome), " ", criterionName(result.id)));
  return make("details", attributes,
    make("summary", null, make("h3", null, `${title} (${found.length})`),
      names.length ? make("span", { class: "notes" }, ...names) : null), list);
}
