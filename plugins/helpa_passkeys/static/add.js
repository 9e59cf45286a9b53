import { base } from "helpa/page.js";
import { send } from "helpa/problem.js";
import { attend, create } from "./ceremony.js";

const form = document.getElementById("add");

attend(form, async () => {
  const name = form.elements.namedItem("name").value;
  const options = await send("POST", `${base}/account/passkeys/options`, { name });
  const credential = await create(options);
  await send("POST", `${base}/account/passkeys`, { credential });
  location.assign(`${base}/account/passkeys?done=added`);
});
