// The first page, signed in: pictures come in by paste, drop or choice.

import { Card } from "./card.js";
import { paint } from "./colour.js";
import "helpa/copy.js";
import { announce, byteCount, fetchPage, replacePart } from "helpa/page.js";
import { Upload } from "./upload.js";

const chooser = document.getElementById("file");
const list = document.getElementById("uploads");
const notice = document.getElementById("notice");
const maxBytes = Number(chooser.dataset.maxBytes);

let turn = Promise.resolve();

function say(words) {
  notice.textContent = words;
  notice.hidden = !words;
}

function take(files) {
  say("");
  announce(files.length === 1 ? `Uploading ${files[0].name}` : `Uploading ${files.length} files`);
  const cards = files.map(({ file, name }) => {
    const card = new Card(name, file);
    enqueue(new Upload(file, name), card);
    return card.root;
  });
  list.prepend(...cards);
  list.closest("section").hidden = false;
}

function enqueue(upload, card) {
  if (upload.file.size > maxBytes) {
    const [is, most] = [upload.file.size, maxBytes].map(byteCount);
    card.failed(`This file has ${is}. The server takes up to ${most}.`);
    return;
  }
  card.waiting();
  // One at a time: each gets the whole line, and the first links are there soonest.
  turn = turn.then(() => run(upload, card));
}

async function run(upload, card) {
  try {
    await card.done(await upload.send((fraction) => card.progress(fraction)));
  } catch (error) {
    card.failed(error.message, error.temporary ? () => enqueue(upload, card) : null);
    return;
  }
  try {
    replacePart(await fetchPage("/"), "#recent");
    paint();
  } catch {
    // The list is a convenience; it is there again when the page is loaded anew.
  }
}

function named(file) {
  return { file, name: file.name || "picture" };
}

function pasted(file) {
  if (file.name && file.name !== "image.png") return named(file);
  const now = new Date();
  const local = new Date(now - now.getTimezoneOffset() * 60000).toISOString();
  const extension = file.type.split("/")[1] || "png";
  return { file, name: `pasted ${local.slice(0, 19).replace("T", " ").replaceAll(":", ".")}.${extension}` };
}

chooser.addEventListener("change", () => {
  if (chooser.files.length) take([...chooser.files].map(named));
  chooser.value = "";
});

document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (files.length) {
    event.preventDefault();
    take(files.map(pasted));
  } else if (!event.target.closest("input, textarea")) {
    say("The clipboard holds no picture. Copy one, or take a screenshot, and paste again.");
  }
});

function carriesFiles(event) {
  return event.dataTransfer.types.includes("Files");
}

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  document.body.dataset.dragging = "";
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete document.body.dataset.dragging;
});

document.addEventListener("drop", (event) => {
  delete document.body.dataset.dragging;
  if (!carriesFiles(event)) return;
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  if (files.length) take(files.map(named));
});

if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.querySelector("[data-paste-key]").textContent = "⌘";
}

say(sessionStorage.getItem("notice") ?? "");
sessionStorage.removeItem("notice");
paint();
