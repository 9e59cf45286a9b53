// Signs Helpa links in Node, Deno, Bun and workers at the edge; it would run in a browser too, but
// whoever has the secret may sign anything, so it stays on a server. See ../signing.md.
//
// As a program it reads a JSON array of links (the members of signedUrl) from standard input and
// prints a URL for each: node sign.mjs < links.json

const { subtle } = globalThis.crypto ?? (await import("node:crypto")).webcrypto;
const utf8 = new TextEncoder();

/** All but A-Z a-z 0-9 - . _ ~ percent-encoded. */
const encode = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase(),
  );

/** Parameters sorted by name, encoded. */
const encoded = (params) =>
  Object.keys(params)
    .sort()
    .map((name) => `${encode(name)}=${encode(params[name])}`)
    .join("&");

/**
 * @param {object} link
 * @param {string} link.base_url of the server
 * @param {string} link.key_id of the key
 * @param {string} link.secret of the key
 * @param {string} link.name id of the picture, or <source>/<path>
 * @param {Record<string, string>} link.params by canonical name; exp where the link shall expire
 * @param {"e" | "v"} [link.grant] e: exactly this URL; v: sizes and formats as the viewer likes
 * @param {number} [link.epoch] of the picture's links
 * @returns {Promise<string>} the URL
 */
export async function signedUrl({
  base_url,
  key_id,
  secret,
  name,
  params,
  grant = "e",
  epoch = 1,
}) {
  const signed =
    grant !== "v" ? params : "exp" in params ? { exp: params.exp } : {};
  const message = ["helpa1", grant, name, epoch, encoded(signed)].join("\n");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey(
    "raw",
    utf8.encode(secret),
    algorithm,
    false,
    ["sign"],
  );
  const digest = await subtle.sign("HMAC", key, utf8.encode(message));
  const mac = btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  const path = name.split("/").map(encode).join("/");
  const query = [encoded(params), `sig=${key_id}.${grant}.${mac}`]
    .filter(Boolean)
    .join("&");
  return `${base_url}/img/${path}?${query}`;
}

if (globalThis.process?.argv?.[1]?.endsWith("sign.mjs")) {
  let text = "";
  for await (const piece of process.stdin.setEncoding("utf8")) text += piece;
  for (const link of JSON.parse(text)) console.log(await signedUrl(link));
}
