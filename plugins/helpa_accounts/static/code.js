// Puts the code of a link, which stands in the fragment, where only this page sees it, into the form.

const field = document.querySelector("#code");
const code = location.hash.slice(1);

if (field && code) {
  history.replaceState(null, "", location.pathname);
  field.value = code;
  field.closest("[data-code]").hidden = true;
}
