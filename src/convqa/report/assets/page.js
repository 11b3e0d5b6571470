"use strict";
// All text goes into the page as text nodes: nothing from a transcript is ever read as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.text;
const byId = new Map(data.conversations.map((conversation) => [conversation.id, conversation]));
const isWide = window.matchMedia("(min-width: 900px)");
const oneDecimal = new Intl.NumberFormat(data.language, {
  minimumFractionDigits: 1, maximumFractionDigits: 1,
});
const fewDecimals = new Intl.NumberFormat(data.language, { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(data.language, {
  style: "percent", maximumFractionDigits: 0,
});

/** Make an element; children are elements or strings, missing ones are left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Fill the placeholders of a text: fill("{n} of {all}", {n: 3, all: 5}). */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function label(group, code) {
  return Object.hasOwn(data.labels[group], code) ? data.labels[group][code] : code;
}

function flagLabel(flag) {
  return Object.hasOwn(data.flags, flag) ? data.flags[flag] : flag;
}

function criterionName(id) {
  return Object.hasOwn(data.criteria, id) ? data.criteria[id].name : id;
}

function scoreText(score) {
  return score === null ? "–" : oneDecimal.format(score);
}

/** Remember a setting where the browser allows it: some refuse storage to a local file. */
function remember(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`convqa-${name}`, value);
    return localStorage.getItem(`convqa-${name}`);
  } catch {
    return null;
  }
}
