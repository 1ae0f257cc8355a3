// The page: an account bar above GraphiQL, all of it served by this origin.

import "./workers.js";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./theme.css";

import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

import { AccountBar } from "./account.jsx";
import { AnswerLine } from "./answer.jsx";
import { createFetcher } from "./fetcher.js";
import { FIRST_QUERY } from "./first_query.js";
import { explorerStorage } from "./storage.js";

function Explorer() {
  const [answer, setAnswer] = useState(null);
  const fetcher = useMemo(() => createFetcher({ onAnswer: setAnswer }), []);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={explorerStorage}
      defaultTabs={[{ query: FIRST_QUERY }]}
      // The settings dialog does not even offer to keep headers: a header may carry a token.
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>{null}</GraphiQL.Logo>
      <GraphiQL.Footer>
        <AnswerLine answer={answer} />
      </GraphiQL.Footer>
      <AccountBar fetcher={fetcher} onCleared={() => setAnswer(null)} />
    </GraphiQL>
  );
}

createRoot(document.getElementById("explorer")).render(<Explorer />);
