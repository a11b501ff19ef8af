/* A provider of OpenID Connect that the tests did not write: oidc-provider, with a person who is signed in at once.
   Argument, as JSON: .client (id) .keys (the client's public ones) .back (its address) .levels (acr; the first is given). */
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { ...privateKey.export({ format: "jwk" }), kid: "real", use: "sig", alg: "ES256" };
const server = createServer();
await new Promise((begun) => server.listen(0, "127.0.0.1", begun));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: given.client,
    redirect_uris: [given.back],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
    id_token_signed_response_alg: "ES256",
    jwks: { keys: given.keys },
  }],
  jwks: { keys: [key] },
  acrValues: given.levels,
  cookies: { keys: ["of a test"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/login/")) return answer(request, response);
  const login = { accountId: "anna", acr: given.levels[0], remember: false };
  return provider.interactionFinished(request, response, { login });
});
console.log(issuer);
process.stdin.on("end", () => process.exit(0)).resume();
