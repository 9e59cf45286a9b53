// What every script needs to know of its page.

export const base = document.body.dataset.base;

/** Tell people who do not see the page what has happened. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}

/** Fetch one of our pages as a document; its scripts do not run. */
export async function fetchPage(path) {
  const reply = await fetch(base + path);
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

/** Put the part of a fetched page into the place of the same part of this one. */
export function replacePart(page, selector) {
  const [here, there] = [document, page].map((each) => each.querySelector(selector));
  here.replaceChildren(...document.adoptNode(there).childNodes);
}

/** Return a size in the unit people would name it in. */
export function byteCount(number) {
  const units = ["bytes", "KB", "MB", "GB"];
  let [value, unit] = [number, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${units[unit]}`;
}
