// What is seen of an upload: its picture, its progress, then its links or what is wrong.

import { announce, base, fetchPage } from "helpa/page.js";

export class Card {
  constructor(name, file) {
    const made = document.getElementById("upload-card").content.cloneNode(true);
    this.root = made.querySelector(".card");
    this.name = name;
    [this.picture, this.title, this.state, this.bar, this.links, this.actions] = [
      ".card-picture",
      ".card-name",
      ".card-state",
      "progress",
      ".card-links",
      ".card-actions",
    ].map((selector) => this.root.querySelector(selector));
    this.title.textContent = name;
    this.bar.setAttribute("aria-label", `Upload of ${name}`);
    this.waiting();
    if (file.type.startsWith("image/")) this.#preview(file);
  }

  #preview(file) {
    const image = this.picture.querySelector("img");
    this.preview = URL.createObjectURL(file);
    image.addEventListener("load", () => (this.picture.hidden = this.root.dataset.state === "failed"));
    // Formats that the server reads and this browser does not.
    image.addEventListener("error", () => (this.picture.hidden = true));
    image.src = this.preview;
  }

  waiting() {
    this.#set("waiting", "Waiting");
    this.picture.hidden = !this.picture.querySelector("img").naturalWidth;
    this.bar.hidden = false;
    this.bar.value = 0;
    this.actions.hidden = true;
  }

  progress(fraction) {
    const percent = Math.floor(fraction * 100);
    if (percent < 100) {
      this.bar.value = percent;
      this.#set("sending", `Uploading, ${percent} %`);
    } else {
      this.bar.removeAttribute("value");
      this.#set("checking", "Uploaded, now checking the picture");
    }
  }

  async done(document_) {
    const path = `/i/${document_.id}`;
    this.bar.hidden = true;
    this.picture.href = this.#titleLink(base + path).href;
    this.#set("done", `${document_.width} × ${document_.height}`);
    this.#show(document_);
    announce(`${this.name} is uploaded. Its links follow.`);
    try {
      const page = await fetchPage(path);
      this.links.replaceChildren(document.adoptNode(page.querySelector("[data-links]")));
    } catch {
      this.state.textContent = "It is uploaded. Its page has the links.";
    }
  }

  #titleLink(href) {
    const link = Object.assign(document.createElement("a"), { href, textContent: this.name });
    this.title.replaceChildren(link);
    return link;
  }

  #show(document_) {
    const image = this.picture.querySelector("img");
    const url = new URL(document_.links.medium);
    image.addEventListener("load", () => URL.revokeObjectURL(this.preview), { once: true });
    image.width = document_.width;
    image.height = document_.height;
    image.alt = document_.alt || this.name;
    // The page may be open under another name than the public one, and loads only from its own.
    image.src = url.pathname + url.search;
    this.picture.hidden = false;
  }

  failed(words, retry) {
    this.bar.hidden = true;
    this.picture.hidden = true;
    this.#set("failed", words);
    announce(`${this.name}: ${words}`);
    this.actions.hidden = !retry;
    this.actions.querySelector("button").onclick = retry;
  }

  #set(state, words) {
    this.root.dataset.state = state;
    this.state.textContent = words;
  }
}
