// Addresses, keys, colours, printing.

const article = document.getElementById("conversation");
const pageTitle = document.title;
const printed = document.getElementById("printed");

function openConversation(conversation) {
  current = conversation;
  article.replaceChildren(wholeConversation(conversation), printButtons());
  document.body.classList.toggle("reading", true);
  document.title = `${conversation.id} · ${pageTitle}`;
  markCurrent();
  highlight();
}

function showView(name) {
  document.title = pageTitle;
  for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.view = name;
}

/** Show what the address names: `#overview`, `#list?failed=empathy`, `#conversation=ID`. */
function follow(isFirst) {
  const address = location.hash;
  if (address.startsWith("#conversation=")) {
    const conversation = byId.get(decoded(address.slice("#conversation=".length)));
    showView("list");
    if (conversation) {
      if (!matching().includes(conversation)) setFilters("");
      showList();
      openConversation(conversation);
      window.scrollTo(0, 0);
      if (!isFirst) article.focus({ preventScroll: true });
      return;
    }
    closeConversation(words.not_here);
    return;
  }
  if (address.startsWith("#list")) {
    showView("list");
    if (address.includes("?")) setFilters(address.slice(address.indexOf("?") + 1));
    showList();
    if (isWide.matches && listed.length > 0) openConversation(listed.includes(current) ? current : listed[0]);
    else closeConversation(words.choose);
    return;
  }
  showView("overview");
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function closeConversation(message) {
  current = null;
  document.body.classList.toggle("reading", false);
  article.replaceChildren(make("p", { class: "empty" }, message));
  showList();
}

function printButtons() {
  return make("p", { class: "prints" },
    make("button", { type: "button", onclick: () => window.print() }, words.print_this), " ",
    make("button", { type: "button", onclick: printListed }, words.print_listed));
}

function printListed() {
  printed.replaceChildren(...listed.map(wholeConversation));
  document.body.classList.add("printing-listed");
  window.print();
}

// On paper nothing can be unfolded; the tables beside the charts are not needed there.
const UNFOLDED_ON_PAPER = "#conversation details:not([open]), #printed details:not([open])";
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll(UNFOLDED_ON_PAPER)];
  for (const folds of unfolded) folds.open = true;
});
window.addEventListener("afterprint", () => {
  for (const folds of unfolded) folds.open = false;
  document.body.classList.remove("printing-listed");
  printed.replaceChildren();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.view !== "list") return;
  if (event.key === "Escape" && isTyping) event.target.blur();
  else if (event.key === "Escape" && !isWide.matches) location.hash = "#list";
  if (isTyping || !document.getElementById("keys").checked) return;
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  }
});

const THEMES = ["auto", "light", "dark"];
const themeButton = document.getElementById("theme");

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  themeButton.textContent = words[`theme_${theme}`];
  remember("theme", theme);
}

function start() {
  themeButton.hidden = false;
  const saved = remember("theme");
  setTheme(THEMES.includes(saved) ? saved : "auto");
  themeButton.addEventListener("click", () => {
    const place = THEMES.indexOf(document.documentElement.dataset.theme);
    setTheme(THEMES[(place + 1) % THEMES.length]);
  });
  const keys = document.getElementById("keys");
  keys.checked = remember("keys") !== "off";
  keys.addEventListener("change", () => remember("keys", keys.checked ? "on" : "off"));
  addFilters();
  setFilters("");
  document.getElementById("clear").addEventListener("click", () => {
    setFilters("");
    showList();
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(".view:not([hidden])").focus();
  });
  window.addEventListener("hashchange", () => follow(false));
  follow(true);
}

start();
