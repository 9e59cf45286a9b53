// Identity providers for the tests: each on a port of 127.0.0.1, with the package's own forms.
//
// Standard input: {"providers": {name: {…}}}. Standard output: {"control": url, "issuers": {name: url}}.
// PUT <control>/clients/<provider> and PUT <control>/people change what they know; people are theirs
// together: {login: claims}.
import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { json, text } from "node:stream/consumers";

// The package is for Node 22; Debian 12 has Node 18, where these have no global names.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
const { default: Provider } = await import("oidc-provider");

const settings = JSON.parse(await text(process.stdin));
const people = {};
const clients = {};
const issuers = {};

function key(algorithm) {
  const [kind, options] = algorithm.startsWith("ES")
    ? ["ec", { namedCurve: "P-256" }]
    : ["rsa", { modulusLength: 2048 }];
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: algorithm, kid: algorithm };
}

async function listen(handler) {
  const server = http.createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return [server, `http://127.0.0.1:${server.address().port}`];
}

// What is not a client stays in memory, for as long as the process lives.
class Memory {
  static rows = new Map();
  constructor(model, of) {
    this.prefix = `${of}/${model}/`;
  }
  async upsert(id, payload) {
    Memory.rows.set(this.prefix + id, payload);
  }
  async find(id) {
    return Memory.rows.get(this.prefix + id);
  }
  async findByUid(uid) {
    return [...Memory.rows].find(([name, row]) => name.startsWith(this.prefix) && row.uid === uid)?.[1];
  }
  async findByUserCode() {
    return undefined;
  }
  async consume(id) {
    (await this.find(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    Memory.rows.delete(this.prefix + id);
  }
  async revokeByGrantId(grant) {
    for (const [name, row] of Memory.rows) {
      if (name.startsWith(this.prefix) && row.grantId === grant) Memory.rows.delete(name);
    }
  }
}

function adapter(of) {
  return (model) =>
    model === "Client"
      ? { find: async (id) => clients[of]?.find((client) => client.client_id === id) }
      : new Memory(model, of);
}

for (const [name, options] of Object.entries(settings.providers)) {
  const [server, url] = await listen();
  const algorithm = options.algorithm ?? "RS256";
  const provider = new Provider(url, {
    adapter: adapter(name),
    jwks: { keys: [key(algorithm)] },
    // Ports share cookies: every provider has names of its own.
    cookies: {
      keys: [randomBytes(16).toString("hex")],
      names: { session: `${name}_session`, interaction: `${name}_interaction`, resume: `${name}_resume` },
    },
    clientAuthMethods: options.client_authentication ?? ["client_secret_basic", "client_secret_post"],
    claims: { openid: ["sub"], profile: ["name", "groups"], email: ["email", "email_verified"] },
    conformIdTokenClaims: options.claims_in_userinfo ?? true,
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    findAccount: (_, login) =>
      people[login] && { accountId: login, claims: async () => ({ sub: login, ...people[login] }) },
  });
  server.on("request", provider.callback());
  issuers[name] = url;
}

const [, control] = await listen(async (request, response) => {
  const [, what, name] = request.url.split("/");
  const given = await json(request);
  if (what === "clients") clients[name] = given;
  else Object.assign(people, given);
  response.end();
});

process.stdout.write(`${JSON.stringify({ control, issuers })}\n`);
