// Requests to this origin. Every POST carries what proves that a page of ours sent it.

const POST_HEADERS = { "content-type": "application/json", "x-orgraph-csrf": "1" };

/** POST a JSON body; answers the Response whatever its status is. */
export function post(path, body, headers = {}, signal = undefined) {
  return fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { ...headers, ...POST_HEADERS },
    body: JSON.stringify(body),
    signal,
  });
}

/** The body as JSON, or null when it is not JSON (a proxy's page, an empty body). */
export async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** The message of an `{"errors": [{"message"}]}` body, or one that names the status. */
export function failure(response, body) {
  return body?.errors?.[0]?.message ?? `The server answered ${response.status} without a message.`;
}
