// The sum that a manager can redo by hand, and the head of a conversation.

function ledger(conversation) {
  const rows = conversation.results.map((result, index) => {
    const isCounted = result.weight > 0;
    return result.max === 0 ? null : make("tr", null,
      make("th", { scope: "row" }, `${index + 1}. ${criterionName(result.id)}`),
      make("td", null, sign(result.outcome), " ", label("outcome", result.outcome)),
      make("td", { class: "num" }, isCounted ? fewDecimals.format(result.points) : "–"),
      make("td", { class: "num" }, isCounted ? fewDecimals.format(result.weight) : "–"),
      make("td", { class: "num" }, percent.format(result.confidence)));
  });
  const counted = conversation.results.filter((result) => result.weight > 0);
  const points = fewDecimals.format(counted.reduce((sum, result) => sum + result.points, 0));
  const weight = fewDecimals.format(counted.reduce((sum, result) => sum + result.weight, 0));
  const columns = [words.criterion, words.outcome, words.points, words.weight, words.confidence];
  return make("details", { class: "ledger", open: true },
    make("summary", null, make("h3", null, words.ledger)),
    make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": words.ledger },
      make("table", null,
        make("thead", null, make("tr", null, ...columns.map((column, place) =>
          make("th", { scope: "col", class: place > 1 ? "num" : false }, column)))),
        make("tbody", null, ...rows),
        make("tfoot", null, make("tr", null,
          make("th", { scope: "row", colspan: 2 }, words.sum),
          make("td", { class: "num" }, points), make("td", { class: "num" }, weight),
          make("td", null))))),
    ...formula(conversation, points, weight));
}

function formula(conversation, points, weight) {
  const lines = [];
  if (conversation.raw !== null) {
    lines.push(fill(words.formula, { points, weight, score: scoreText(conversation.raw) }));
  }
  if (conversation.critical.length > 0) lines.push(words.formula_critical);
  if (conversation.score === null) {
    lines.push(fill(words.low_coverage, { coverage: percent.format(conversation.coverage) }));
  } else if (conversation.coverage < 1) {
    lines.push(fill(words.coverage, { coverage: percent.format(conversation.coverage) }));
  }
  return lines.map((line) => make("p", { class: "formula" }, line));
}

function facts(conversation) {
  const resolution = conversation.resolution && fill(words.resolution_sure, {
    resolution: label("resolution", conversation.resolution),
    probability: percent.format(conversation.probability),
  });
  const pairs = [
    [words.date, conversation.when],
    [words.by_agent, conversation.agent],
    [words.by_team, conversation.team],
    [words.by_queue, conversation.queue],
    [words.by_channel, conversation.channel && label("channel", conversation.channel)],
    [words.by_language, conversation.language && label("language", conversation.language)],
    [words.by_resolution, resolution],
    [words.ending, conversation.ending && label("ending", conversation.ending)],
  ].filter(([, value]) => value);
  return make("dl", { class: "facts" }, ...pairs.map(([name, value]) =>
    make("div", null, make("dt", null, name), make("dd", null, make("bdi", null, value)))));
}

function warning(conversation) {
  if (conversation.critical.length === 0) return null;
  const names = conversation.critical.map((name) => data.critical[name]).join(", ");
  return make("p", { class: "notice severe" },
    make("strong", null, fill(words.critical_found, { names })), " ", words.provisional);
}

function heading(conversation) {
  const band = conversation.band ? label("band", conversation.band) : "";
  const status = label("status", conversation.status);
  return make("header", null,
    make("p", { class: "steps" },
      make("a", { class: "back", href: "#list" }, `↑ ${words.back}`),
      make("button", { type: "button", class: "quiet", onclick: () => move(-1) },
        `‹ ${words.previous}`), " ",
      make("button", { type: "button", class: "quiet", onclick: () => move(1) },
        `${words.next} ›`)),
    make("div", { class: "title" },
      make("div", { class: `verdict band-${bandPlace(conversation.band)}` },
        make("span", { class: "score" }, scoreText(conversation.score)),
        make("span", null, band || status)),
      make("div", null,
        make("h2", null, make("bdi", null, conversation.id)),
        make("p", { class: "notes" }, ...chips(conversation)))),
    warning(conversation),
    facts(conversation));
}

/** Return everything about a conversation. */
function wholeConversation(conversation) {
  const explanations = make("section", { class: "why", "aria-label": words.why, tabindex: 0 },
    results(conversation, words.went_well, ["pass"], { class: "well", open: false }),
    results(conversation, words.lost, ["fail", "partial"], { class: "lost", open: true }),
    results(conversation, words.not_counted, ["na", "undetermined"], { class: "apart" }),
    ledger(conversation),
    make("p", { class: "dim appeal" }, words.appeal));
  return make("div", { class: "whole" },
    heading(conversation), explanations, transcript(conversation));
}
