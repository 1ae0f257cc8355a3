// Runs the audits of graphql-http against the address it is given, and prints what each found as JSON.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
const found = [];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  found.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason ?? null });
}
process.stdout.write(JSON.stringify(found));
