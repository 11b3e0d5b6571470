"use strict";
// Colours, keys and forms that send themselves; every page works without.

const THEMES = ["auto", "light", "dark"];
const themeButton = document.getElementById("theme");

function showTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themeButton.querySelector(".words").textContent = themeButton.dataset[theme];
}

themeButton.hidden = false;
showTheme(document.documentElement.dataset.theme || "auto");
themeButton.addEventListener("click", () => {
  const now = document.documentElement.dataset.theme || "auto";
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  document.cookie = `convqa_theme=${next}; path=/; max-age=31536000; samesite=lax`;
  showTheme(next);
});

// On a phone the tab that is open may lie beside the screen.
const openTab = document.querySelector(".tabs [aria-current]");
if (openTab) openTab.scrollIntoView({ inline: "center", block: "nearest" });

// A form with `data-auto` sends itself when a choice in it changes.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (event) => {
    if (event.target.type !== "search") form.requestSubmit();
  });
}

// A form of filters leaves out what is not chosen, so that addresses stay short.
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
}
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

const help = document.getElementById("help");
const keysOn = document.getElementById("keys-on");
if (help) {
  const button = document.getElementById("help-button");
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  keysOn.checked = localStorage.getItem("convqa-keys") !== "off";
  keysOn.addEventListener("change", () => {
    localStorage.setItem("convqa-keys", keysOn.checked ? "on" : "off");
  });
}

function isTyping(target) {
  return target.closest("input, select, textarea, dialog, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
  if (isTyping(event.target) || !keysOn || !keysOn.checked) return;
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "?") help.showModal();
  // A page may mark where the keys lead: `data-key="j"` on a link or button.
  const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (marked) marked.click();
});
