import { base } from "helpa/page.js";
import { send } from "helpa/problem.js";
import { attend, get } from "./ceremony.js";

const form = document.getElementById("passkey");

attend(form, async () => {
  const options = await send("POST", `${base}/signin/passkey/options`, {});
  const credential = await get(options);
  const { next } = form.dataset;
  const { location: onward } = await send("POST", `${base}/signin/passkey`, { credential, next });
  location.assign(onward);
});
