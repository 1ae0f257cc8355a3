// How GraphiQL asks: the body is the answer in every status (200, 294, 4xx, 5xx).

import { failure, json, post } from "./http.js";

const HEADERS = {
  accept: "application/graphql-response+json, application/json;q=0.9",
  // An answer says what it cost, and what is left to spend.
  "x-orgraph-cost": "1",
};

/**
 * `forget()` gives up what is under way: an answer that was asked for as another person, or in another
 * organization, is never shown.
 */
export function createFetcher({ onAnswer }) {
  let running = new AbortController();

  async function fetcher(request, options) {
    const { signal } = running;
    const isIntrospection = request.operationName === "IntrospectionQuery";
    const started = performance.now();
    try {
      const response = await post("/graphql", request, { ...HEADERS, ...options?.headers }, signal);
      const body = await json(response);
      if (!isIntrospection) {
        onAnswer({
          status: response.status,
          durationMs: performance.now() - started,
          requestId: response.headers.get("x-request-id"),
        });
      }
      if (response.status === 401) window.dispatchEvent(new Event("orgraph:account"));
      return body ?? { errors: [{ message: failure(response, body) }] };
    } catch (error) {
      // The signal outlives the answer's headers, so this holds for a body that was cut off as well.
      if (signal.aborted) return { errors: [{ message: "The account changed while this ran. Run it again." }] };
      return { errors: [{ message: `No answer from the server: ${error.message}.` }] };
    }
  }

  fetcher.forget = () => {
    running.abort();
    running = new AbortController();
  };
  return fetcher;
}
