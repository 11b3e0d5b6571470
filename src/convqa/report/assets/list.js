// The list of conversations and the choice of one.

const items = document.getElementById("items");
const shownCount = document.getElementById("shown");
let listed = [];
let current = null;

function addressOf(conversation) {
  return `#conversation=${encodeURIComponent(conversation.id)}`;
}

function bandPlace(band) {
  return data.bands.indexOf(band) + 1;
}

function listItem(conversation) {
  const who = [conversation.agent, conversation.team].filter(Boolean).join(" · ");
  const where = [
    conversation.when,
    conversation.channel && label("channel", conversation.channel),
    conversation.language && label("language", conversation.language),
  ].filter(Boolean).join(" · ");
  const link = make(
    "a", { href: addressOf(conversation) },
    make("span", { class: `score band-${bandPlace(conversation.band)}` },
      scoreText(conversation.score)),
    make("span", { class: "about" },
      make("bdi", { class: "id" }, conversation.id),
      who ? make("bdi", { class: "dim" }, who) : null,
      where ? make("span", { class: "dim" }, where) : null,
      make("span", { class: "notes" }, ...chips(conversation))),
  );
  return make("li", { "data-id": conversation.id }, link);
}

function chips(conversation) {
  const made = conversation.flags.map((flag) =>
    make("span", { class: flag.startsWith("critical") ? "chip severe" : "chip" }, flagLabel(flag)));
  if (conversation.choice === "best") made.push(make("span", { class: "chip good" }, words.chip_best));
  return made;
}

function showList() {
  listed = matching();
  items.replaceChildren(...listed.map(listItem));
  document.getElementById("none").hidden = listed.length > 0;
  shownCount.textContent = fill(words.n_of, {
    n: fewDecimals.format(listed.length), all: fewDecimals.format(data.conversations.length),
  });
  showActive();
  markCurrent();
}

function markCurrent() {
  for (const item of items.children) {
    const isCurrent = current !== null && item.dataset.id === current.id;
    const link = item.firstChild;
    if (isCurrent) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isCurrent && isWide.matches) item.scrollIntoView({ block: "nearest" });
  }
}

/** Open the conversation `step` places further down the list. */
function move(step) {
  if (listed.length === 0) return;
  const place = listed.indexOf(current);
  const next = place < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, place + step));
  location.hash = addressOf(listed[next]);
}
