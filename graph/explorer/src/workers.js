// The editor's workers are files of this origin, so that the page's policy needs no `blob:`.
// The bundler puts in their names, which carry a digest of what they hold.

const FILES = { json: JSON_WORKER, graphql: GRAPHQL_WORKER };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(FILES[label] ?? EDITOR_WORKER, import.meta.url), { name: label });
  },
};
