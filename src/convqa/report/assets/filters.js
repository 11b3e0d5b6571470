// Which conversations are listed, and in which order.

const SHOWS = {
  flagged: (c) => c.flag,
  critical: (c) => c.critical.length > 0,
  clear: (c) => !c.flag,
  sample: (c) => c.choice === "sample",
};

// Conversations come from the run in the order of their risk.
const SORTS = {
  risk: null,
  best: (a, b) => (b.score ?? -1) - (a.score ?? -1),
  worst: (a, b) => (a.score ?? 101) - (b.score ?? 101),
  newest: (a, b) => (a.sort < b.sort ? 1 : a.sort > b.sort ? -1 : 0),
  oldest: (a, b) => (a.sort > b.sort ? 1 : a.sort < b.sort ? -1 : 0),
};

/** Each filter: the values of a conversation, and how a value is named. */
const FILTERS = {
  flag: { of: (c) => c.flags, name: flagLabel },
  failed: {
    of: (c) => c.results.filter((r) => r.outcome === "fail").map((r) => r.id),
    name: criterionName,
  },
  band: { of: (c) => [c.band], name: (v) => label("band", v) },
  resolution: { of: (c) => [c.resolution], name: (v) => label("resolution", v) },
  language: { of: (c) => [c.language], name: (v) => label("language", v) },
  channel: { of: (c) => [c.channel], name: (v) => label("channel", v) },
  queue: { of: (c) => [c.queue], name: (v) => v },
  team: { of: (c) => [c.team], name: (v) => v },
  agent: { of: (c) => [c.agent], name: (v) => v },
};

// The filters that are always in sight.
const FIRST = ["show", "flag", "sort"];

const search = document.getElementById("search");
const selects = {};

// Letters that Unicode does not take apart into a base letter and a mark.
const PLAIN = { "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ß": "ss" };

function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/[łøæđß]/g, (letter) => PLAIN[letter]);
}

function pieceText(piece) {
  return typeof piece === "string" ? piece : piece[0];
}

/** The words searched for. */
function searchTerms() {
  return folded(search.value).split(/\s+/).filter(Boolean);
}

/** All that is searched of a conversation, made on the first search. */
function searchText(conversation) {
  if (conversation.folded === undefined) {
    const turns = conversation.turns.map((turn) => turn.pieces.map(pieceText).join(""));
    const about = [conversation.id, conversation.agent, conversation.team, conversation.queue];
    conversation.folded = folded([...about.filter(Boolean), ...turns].join("\n"));
  }
  return conversation.folded;
}

function addSelect(name, options) {
  const select = make("select", { id: `filter-${name}` });
  for (const [value, text] of options) select.append(make("option", { value }, text));
  select.addEventListener("change", showList);
  selects[name] = select;
  const place = FIRST.includes(name) ? "first-selects" : "more-selects";
  document.getElementById(place).append(
    make("div", { class: "select" }, make("label", { for: select.id }, words[`by_${name}`]), select),
  );
}

function addFilters() {
  const shows = Object.keys(SHOWS).filter((show) => data.conversations.some(SHOWS[show]));
  addSelect("show", [["", words.show_all], ...shows.map((s) => [s, words[`show_${s}`]])]);
  for (const [name, filter] of Object.entries(FILTERS)) {
    const counts = new Map();
    for (const conversation of data.conversations) {
      for (const value of new Set(filter.of(conversation))) {
        if (value) counts.set(value, (counts.get(value) || 0) + 1);
      }
    }
    if (counts.size === 0) continue;
    const options = [...counts].map(([value, n]) => [value, `${filter.name(value)} (${n})`]);
    options.sort((a, b) => a[1].localeCompare(b[1], data.language));
    addSelect(name, [["", words.any], ...options]);
  }
  addSelect("sort", Object.keys(SORTS).map((sort) => [sort, words[`sort_${sort}`]]));
  search.addEventListener("input", () => {
    showList();
    highlight();
  });
}

/** Set the filters to those of an address such as `failed=empathy&team=blue`, clearing others. */
function setFilters(query) {
  const wanted = new URLSearchParams(query);
  search.value = wanted.get("search") || "";
  for (const [name, select] of Object.entries(selects)) {
    const value = wanted.get(name) || (name === "sort" ? "risk" : "");
    if (![...select.options].some((option) => option.value === value)) {
      select.append(make("option", { value }, FILTERS[name] ? FILTERS[name].name(value) : value));
    }
    select.value = value;
  }
}

/** Say how many filters are at work, so that none is forgotten behind its fold. */
function showActive() {
  const active = Object.keys(selects).filter((name) => name !== "sort" && selects[name].value);
  const hidden = active.filter((name) => !FIRST.includes(name)).length;
  document.getElementById("active").textContent = hidden ? `(${hidden})` : "";
  document.getElementById("clear").hidden = active.length === 0 && search.value === "";
}

function matching() {
  const terms = searchTerms();
  const show = SHOWS[selects.show.value] || (() => true);
  const active = Object.entries(FILTERS).filter(([name]) => selects[name] && selects[name].value);
  const found = data.conversations.filter((conversation) =>
    show(conversation)
    && active.every(([name, filter]) => filter.of(conversation).includes(selects[name].value))
    && terms.every((term) => searchText(conversation).includes(term)));
  const order = SORTS[selects.sort.value];
  return order ? found.sort(order) : found;
}
