// One file on its way to the server.

import { base } from "helpa/page.js";
import { OFFLINE, words } from "helpa/problem.js";

/** An upload that may be tried again, as the same one. */
export class Upload {
  constructor(file, name) {
    this.file = file;
    this.name = name;
    // crypto.randomUUID is missing outside secure contexts.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Send it; return the image document, or throw an Error with words to show. */
  send(onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${base}/api/images`);
      // Where the answer to a first try was lost, a second one gets it instead of a second image.
      request.setRequestHeader("Idempotency-Key", this.key);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        if (request.status === 201) {
          resolve(JSON.parse(request.responseText));
          return;
        }
        const error = new Error(words(request.status, request.responseText));
        error.temporary = [401, 408, 409, 429].includes(request.status) || request.status >= 500;
        reject(error);
      });
      request.addEventListener("error", () => {
        reject(Object.assign(new Error(OFFLINE), { temporary: true }));
      });
      const form = new FormData();
      form.append("file", this.file, this.name);
      request.send(form);
    });
  }
}
