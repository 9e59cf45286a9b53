// Sends the code of a sign-in link, which stands in the fragment, where only this page sees it.

const form = document.querySelector("[data-signin]");
const code = location.hash.slice(1);

if (code) {
  history.replaceState(null, "", location.pathname);
  form.elements.code.value = code;
  form.requestSubmit();
}
