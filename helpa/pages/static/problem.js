// Problem documents (RFC 9457) in words for the person in front of the page.

export const SIGNED_OUT = "You are signed out. Sign in again in another tab, then try again.";
export const OFFLINE = "The server cannot be reached. Check the connection and try again.";

/** Return what a refused request is to say, from its status and the text of its body. */
export function words(status, text) {
  if (status === 401) return SIGNED_OUT;
  try {
    const { detail, allowed } = JSON.parse(text);
    if (detail) return status === 415 && allowed ? `${detail} Accepted: ${allowed}.` : detail;
  } catch {
    // Not from Helpa: a proxy in front answers in words of its own.
  }
  return `The server answered ${status}. Try again in a while.`;
}

/** Send a change as JSON; return the answer's document, or throw an Error with words to show. */
export async function send(method, path, body) {
  let reply;
  try {
    reply = await fetch(path, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error(OFFLINE);
  }
  const text = await reply.text();
  if (!reply.ok) throw new Error(words(reply.status, text));
  return text ? JSON.parse(text) : null;
}
