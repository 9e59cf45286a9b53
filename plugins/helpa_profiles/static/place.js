// Sends the position once, when somebody asks for it.

import { announce, base, fetchPage, replacePart } from "helpa/page.js";
import { send } from "helpa/problem.js";

const WHY = {
  1: "Your browser may not tell your position. Allow it for this site, then try again.",
  2: "Your position cannot be found at the moment.",
  3: "Finding your position took too long. Try again.",
};

function position() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("Browsers tell a position to pages served by HTTPS only."));
      return;
    }
    // An area of a neighbourhood needs no satellite.
    navigator.geolocation.getCurrentPosition(
      (found) => resolve(found.coords),
      (error) => reject(new Error(WHY[error.code] ?? WHY[2])),
      { enableHighAccuracy: false, timeout: 20000, maximumAge: 600000 },
    );
  });
}

async function locate(button) {
  const result = document.getElementById("place-result");
  button.disabled = true;
  result.textContent = "";
  try {
    const { latitude, longitude } = await position();
    const place = { lat: latitude, lng: longitude };
    await send("PATCH", `${base}/api/account/profile`, { place });
    replacePart(await fetchPage("/account"), "#place");
    announce("Your place is saved.");
    document.getElementById("locate").focus();
  } catch (error) {
    result.textContent = error.message;
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#locate");
  if (button) locate(button);
});
