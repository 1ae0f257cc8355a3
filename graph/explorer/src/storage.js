// What the browser keeps: queries, variables and the layout. Never an answer (it may hold health data)
// and never a header (it may hold a token); GraphiQL's history would keep headers, so they are taken out here.

const PREFIX = "graphiql:";
const NEVER_KEPT = new Set(["response", "headers"]);
const WORK = ["tabState", "queries", "favorites", "query", "variables"];

function withoutPrivateParts(value) {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value), (key, part) => (NEVER_KEPT.has(key) ? null : part));
  } catch {
    return value;
  }
}

export const explorerStorage = {
  getItem: (key) => localStorage.getItem(key),
  setItem(key, value) {
    if (key !== `${PREFIX}headers`) localStorage.setItem(key, withoutPrivateParts(value));
  },
  removeItem: (key) => localStorage.removeItem(key),
  clear() {
    for (const key of keys()) localStorage.removeItem(key);
  },
  get length() {
    return keys().length;
  },
};

/** At sign-out: the next person at this screen does not find the last one's queries and variables. */
export function forgetWork() {
  for (const name of WORK) localStorage.removeItem(PREFIX + name);
}

function keys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}
