// `postgraphile`: PostGraphile with its amber preset over our tables, under our row security, as fast as it honestly goes.
//
// Production mode, no explain, no IDE, prepared statements (its own default), answers written as text
// (outputDataAsString), Node's own HTTP server. A token is verified once and its scope asked of the database once:
// later requests find both in memory, and set what entrance.enter() would have set.

import { createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import jsonwebtoken from "jsonwebtoken";
import pg from "pg";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const environment = process.env;
const CONNECTIONS = 8;
const connection = { connectionString: environment.DATABASE_URL, options: "-c jit=off -c timezone=UTC" };

const answered = await fetch(`${environment.WORKOS_BASE_URL}/sso/jwks/${environment.WORKOS_CLIENT_ID}`);
const keys = new Map((await answered.json()).keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));

const known = new Map();

async function pgSettings(request) {
  const authorization = request.headers.authorization;
  let scope = known.get(authorization);
  if (scope === undefined || scope.expiresAt <= Date.now() / 1000) {
    scope = await entered(authorization);
    known.set(authorization, scope);
  }
  if (!environment.BENCH_AUDIT) {
    return scope.settings;
  }
  // What the audit trail stamps besides: it differs from request to request.
  return {
    ...scope.settings,
    "app.actor_type": "user",
    "app.request_id": crypto.randomUUID(),
    "app.operation_name": "Book",
    "app.ip": request.socket.remoteAddress,
    "app.user_agent": request.headers["user-agent"],
  };
}

async function entered(authorization) {
  const token = authorization.replace(/^Bearer /, "");
  const key = (header, answer) => answer(null, keys.get(header.kid));
  const claims = await new Promise((resolve, reject) => {
    const rules = { algorithms: ["RS256"], issuer: environment.WORKOS_ISSUER };
    jsonwebtoken.verify(token, key, rules, (error, verified) => (error ? reject(error) : resolve(verified)));
  });
  const claimed = { "app.user_id": claims.sub, "app.workos_org_id": claims.org_id };
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query("begin");
    await client.query("select set_config(key, value, true) from json_each_text($1)", [JSON.stringify(claimed)]);
    const role = (await client.query("select entrance.enter() as role")).rows[0].role;
    const organization = (await client.query("select current_setting('app.org_id') as id")).rows[0].id;
    await client.query("commit");
    return { expiresAt: claims.exp, settings: { ...claimed, "app.org_id": organization, role } };
  } finally {
    await client.end();
  }
}

// By default a column without an index cannot be filtered by; ours leaves archived events out.
const archived = { tags: { behavior: ["+attribute:filterBy"] } };
const tags = jsonPgSmartTags({ version: 1, config: { class: { "app.events": { attribute: { archived_at: archived } } } } });

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [tags],
  pgServices: [
    makePgService({
      connectionString: connection.connectionString,
      schemas: ["app"],
      poolConfig: { options: connection.options, max: CONNECTIONS, idleTimeoutMillis: 0 },
    }),
  ],
  grafast: {
    explain: false,
    context: async (request) => ({ pgSettings: await pgSettings(request.node.req) }),
  },
  grafserv: { graphiql: false, watch: false, outputDataAsString: true },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.keepAliveTimeout = 0;
server.listen(Number(environment.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
