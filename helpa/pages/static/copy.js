// Buttons that copy the text of the field beside them.

import { announce } from "./page.js";

const SHOWN_MS = 2000;

async function copied(field) {
  try {
    // Missing outside secure contexts: plain HTTP from another machine.
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

async function copy(button) {
  const field = button.closest(".link").querySelector("input");
  const label = button.getAttribute("aria-label").replace(/^Copy /, "");
  const done = await copied(field);
  button.textContent = done ? "Copied" : "Press Ctrl C";
  button.dataset.state = done ? "done" : "selected";
  announce(done ? `${label}: copied` : `${label}: selected; press Ctrl C to copy`);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.textContent = "Copy";
    delete button.dataset.state;
  }, SHOWN_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-link]")) event.target.select();
});
