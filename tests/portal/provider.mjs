// A certified OpenID provider (npm: oidc-provider) for the tests: accounts are made up on the spot.
// Whoever types a login is signed in at once; its claims are those of the file named on the command
// line, by login. Usage: node provider.mjs PORT CLIENTS.json CLAIMS.json MODULE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [port, clients, claims, module] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(module).href);
const issuer = `http://127.0.0.1:${port}`;
const accounts = () => JSON.parse(readFileSync(claims, "utf8"));

const provider = new Provider(issuer, {
  clients: JSON.parse(readFileSync(clients, "utf8")),
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "sourcedId", "TenantId"] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, login) => ({
    accountId: login,
    claims: async () => ({ sub: login, ...accounts()[login] }),
  }),
});
provider.listen(Number(port), "127.0.0.1");
