/** A real OIDC provider for tests (npm oidc-provider): node oidc_provider.mjs <module folder> <redirect uri>.
 *  Prints its issuer when it listens. Whoever signs in as "bernd" is bernd@stadtkern.example, confirmed;
 *  a login that ends with "?" has an address that the provider has not confirmed.
 */
import { createServer } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [, , modules, redirect] = process.argv;
const { Provider } = await import(pathToFileURL(path.join(modules, "oidc-provider/lib/index.js")));

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "stadtkern", client_secret: "only-for-tests", redirect_uris: [redirect] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id.replace("?", "")} of the town hall`,
        email: `${id.replace("?", "")}@stadtkern.example`,
        email_verified: !id.endsWith("?"),
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
