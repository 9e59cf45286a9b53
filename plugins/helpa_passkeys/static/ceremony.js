// Asking the browser for a passkey, and writing what it answers as JSON (WebAuthn).

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const listed = (credentials = []) =>
  credentials.map((each) => ({ ...each, id: bytes(each.id) }));

const answered = (credential, response) => ({
  id: credential.id,
  rawId: base64url(credential.rawId),
  type: credential.type,
  response: { clientDataJSON: base64url(credential.response.clientDataJSON), ...response },
});

/** Have the browser make a passkey; return it as JSON. */
export async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return answered(credential, {
    attestationObject: base64url(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

/** Have the browser sign with a passkey; return its answer as JSON. */
export async function get(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: listed(options.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = credential.response;
  return answered(credential, {
    authenticatorData: base64url(authenticatorData),
    signature: base64url(signature),
    ...(userHandle && { userHandle: base64url(userHandle) }),
  });
}

/** Return why there can be no passkeys in this browser at this address, or "". */
export function obstacle(origin) {
  if (location.origin !== origin) {
    return `Passkeys work at ${origin} only. Open this page there.`;
  }
  if (!window.PublicKeyCredential) return "This browser knows no passkeys.";
  return "";
}

const WORDS = {
  NotAllowedError: "No passkey was chosen, or it took too long. Try again.",
  InvalidStateError: "This device has a passkey of your account already.",
  NotSupportedError: "This device can make no passkey that asks for a fingerprint, face or PIN.",
  ConstraintError: "This device can make no passkey that asks for a fingerprint, face or PIN.",
  SecurityError: "The browser refuses passkeys at this address.",
};

/** Return what to say of an error, the browser's or the server's. */
export function words(error) {
  return WORDS[error.name] ?? error.message;
}

/** Run what a form is for, once at a time; show where the user looks what goes wrong. */
export function attend(form, run) {
  const problem = document.getElementById("problem");
  const button = form.querySelector("button");
  const show = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    if (text) problem.focus();
  };
  const hindrance = obstacle(form.dataset.origin);
  if (hindrance) {
    show(hindrance);
    button.disabled = true;
    return;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    show("");
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      show(words(error));
    } finally {
      button.disabled = false;
    }
  });
}
