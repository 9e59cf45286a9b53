// The page of a picture: copying links, changing what is said of it, deleting it.

import { paint } from "./colour.js";
import "helpa/copy.js";
import { base, fetchPage, replacePart } from "helpa/page.js";
import { send } from "helpa/problem.js";

const { id } = document.querySelector(".picture").dataset;
const details = document.getElementById("details");
const result = document.getElementById("result");
const confirmation = document.getElementById("confirm");

function say(words, bad = false) {
  result.textContent = words;
  result.classList.toggle("result-bad", bad);
}

async function save() {
  say("Saving");
  try {
    await send("PATCH", `${base}/api/images/${id}`, Object.fromEntries(new FormData(details)));
    // Names, links and snippets are made in one place, on the server.
    const page = await fetchPage(`/i/${id}`);
    for (const part of ["#name", "#facts", "[data-links]"]) replacePart(page, part);
    document.title = page.title;
    document.getElementById("picture").alt = page.getElementById("picture").alt;
    say("Saved");
  } catch (error) {
    say(error.message, true);
  }
}

async function remove() {
  say("Deleting");
  try {
    await send("DELETE", `${base}/api/images/${id}`);
  } catch (error) {
    say(error.message, true);
    return;
  }
  sessionStorage.setItem("notice", "The picture is deleted.");
  location.replace(`${base}/`);
}

details?.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
details?.addEventListener("input", () => say(""));
document.getElementById("delete")?.addEventListener("click", () => {
  confirmation.returnValue = "";
  confirmation.showModal();
});
confirmation?.addEventListener("close", () => {
  if (confirmation.returnValue === "delete") remove();
});
paint();
