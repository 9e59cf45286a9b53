// The colour of a picture, in its place until it has arrived.

/** Paint the places of pictures that are still on their way. */
export function paint(root = document) {
  for (const image of root.querySelectorAll("img[data-colour]")) {
    if (image.complete && image.naturalWidth) continue;
    image.style.background = `#${image.dataset.colour}`;
    // Transparent pictures would go on showing it.
    image.addEventListener("load", () => image.style.removeProperty("background"), {
      once: true,
    });
  }
}
