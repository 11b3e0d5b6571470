"use strict";
// The review form: the score as it would be, one button to agree, and drafts that survive.

const form = document.getElementById("review");
const soFar = document.getElementById("so-far");

/** Ask the server, which scores with the same code, what the answers so far add up to. */
async function showScore() {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.score, {
    method: "POST", body, headers: { "X-CSRF-Token": body.get("csrf") },
  });
  if (answer.ok && !answer.redirected) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    soFar.replaceChildren(...page.body.childNodes);
  }
}

// Drafts outlive a session that ends while somebody reads; only this browser tab sees them.
const draftName = form && `convqa-draft-${form.dataset.key}`;

function versions() {
  return [...form.elements].filter((field) => /^(version|seen)\./.test(field.name))
    .map((field) => field.value).join(" ");
}

function keepDraft() {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf");
  sessionStorage.setItem(draftName, JSON.stringify({ versions: versions(), fields }));
}

function restoreDraft() {
  const kept = JSON.parse(sessionStorage.getItem(draftName) || "null");
  if (!kept || kept.versions !== versions()) return;
  for (const [name, value] of kept.fields) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  for (const fieldset of form.querySelectorAll("fieldset.review")) {
    showSpans(fieldset);
    if (form.elements.namedItem(`verdict.${fieldset.dataset.criterion}`).value) {
      fieldset.closest("details").open = true;
    }
  }
}

if (form && soFar) {
  const said = document.getElementById("said");
  if (said && said.dataset.said === "saved") sessionStorage.removeItem(draftName);
  restoreDraft();
  let waiting = 0;
  form.addEventListener("change", () => {
    keepDraft();
    showMarks();
    clearTimeout(waiting);
    waiting = setTimeout(showScore, 150);
  });
  form.addEventListener("input", keepDraft);
  showScore();
  const agreeAll = document.getElementById("agree-all");
  agreeAll.hidden = false;
  agreeAll.addEventListener("click", () => {
    for (const fieldset of form.querySelectorAll("fieldset.review")) {
      const isReviewed = fieldset.querySelector("input[name^='version.']").value !== "0";
      const isAnswered = !fieldset.querySelector("input[type=radio][value='']").checked;
      if (!isReviewed && !isAnswered) fieldset.querySelector("input[value='agree']").checked = true;
    }
    form.dispatchEvent(new Event("change"));
  });
}
