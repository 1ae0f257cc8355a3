// Who asks: the signed-in person, their role, the organization and the switch between organizations.

import { useGraphiQL } from "@graphiql/react";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

import { failure, json, post } from "./http.js";
import { forgetWork } from "./storage.js";

const BAR = document.getElementById("account");
const NOBODY = { user: null, organization: null, organizations: [] };

export function AccountBar({ fetcher, onCleared }) {
  const [account, setAccount] = useState(null);
  const [unreadable, setUnreadable] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const shown = useRef(null);
  const asked = useRef(0);
  const clear = useClearAnswers(fetcher, onCleared);
  const clearLatest = useRef(clear);
  clearLatest.current = clear;

  async function load() {
    const turn = ++asked.current;
    try {
      const response = await fetch("/auth/me", { credentials: "same-origin", headers: { accept: "application/json" } });
      const body = await json(response);
      if (!response.ok || !body) throw new Error(failure(response, body));
      if (turn !== asked.current) return; // overtaken: it may tell of the time before a switch
      const next = { ...NOBODY, ...body };
      // Another browser tab may have switched or signed out: what is shown here belongs to the earlier scope.
      const scope = `${next.user?.id} ${next.organization?.id}`;
      if (shown.current !== null && shown.current !== scope) clearLatest.current();
      shown.current = scope;
      setAccount(next);
      setUnreadable(null);
    } catch (error) {
      setAccount((before) => before ?? NOBODY);
      setUnreadable(`Who is signed in could not be read: ${error.message}`);
    }
  }

  useEffect(() => {
    load();
    const events = ["focus", "orgraph:account"];
    for (const name of events) window.addEventListener(name, load);
    return () => events.forEach((name) => window.removeEventListener(name, load));
  }, []);

  async function act(path, body) {
    setBusy(true);
    setRefusal(null);
    try {
      const response = await post(path, body, { accept: "application/json" });
      const answer = await json(response);
      if (!response.ok) throw new Error(failure(response, answer));
      return true;
    } catch (error) {
      setRefusal(error.message);
      return false;
    } finally {
      setBusy(false);
    }
  }

  async function switchTo(organizationId) {
    clearLatest.current();
    await act("/auth/switch-organization", { organizationId });
    await load();
  }

  async function signOut() {
    if (!(await act("/auth/sign-out", {}))) return;
    forgetWork();
    window.location.replace("/graphql");
  }

  return createPortal(
    <>
      <span className="account-product">
        orgraph <span className="account-quiet">explorer</span>
      </span>
      {BAR.dataset.development === "true" && <span className="account-chip">development</span>}
      <span className="account-space" />
      {(refusal ?? unreadable) && (
        <span className="account-problem" role="alert">
          {refusal ?? unreadable}
        </span>
      )}
      {account?.user && (
        <>
          <Organization account={account} busy={busy} onSwitch={switchTo} />
          <Person user={account.user} />
          <button type="button" className="account-button" disabled={busy} onClick={signOut}>
            Sign out
          </button>
        </>
      )}
      {account && !account.user && (
        <>
          <span className="account-quiet">Not signed in</span>
          <a className="account-button" href="/auth/sign-in?return_to=/graphql">
            Sign in
          </a>
        </>
      )}
    </>,
    BAR,
  );
}

function Organization({ account, busy, onSwitch }) {
  const { organization, organizations } = account;
  if (!organization && organizations.length === 0) return <span className="account-quiet">No organization</span>;
  const current = organization && organizations.find((one) => one.id === organization.id);
  return (
    <span className="account-organization">
      <select
        aria-label="Organization"
        value={current?.workosOrganizationId ?? ""}
        disabled={busy}
        onChange={(event) => onSwitch(event.target.value)}
      >
        {!current && (
          <option value="" disabled>
            {organization?.name ?? "Choose an organization"}
          </option>
        )}
        {organizations.map((one) => (
          <option key={one.id} value={one.workosOrganizationId}>
            {one.name}
          </option>
        ))}
      </select>
      {organization?.role && (
        <span className="account-chip account-role">{organization.role.replaceAll("_", " ")}</span>
      )}
    </span>
  );
}

function Person({ user }) {
  const name = [user.firstName, user.lastName].filter(Boolean).join(" ");
  const initials = (name || user.email)
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  // Initials and no picture: a picture would be a request to somebody else's server.
  return (
    <span className="account-person">
      <span className="account-initials" aria-hidden="true">
        {initials}
      </span>
      <span className="account-names">
        {name && <span className="account-name">{name}</span>}
        <span className="account-email">{user.email}</span>
      </span>
    </span>
  );
}

/** Empties the answers of all tabs and gives up what is under way. */
function useClearAnswers(fetcher, onCleared) {
  const { tabs, responseEditor, actions } = useGraphiQL((state) => ({
    tabs: state.tabs,
    responseEditor: state.responseEditor,
    actions: state.actions,
  }));
  return () => {
    fetcher.forget();
    actions.stop();
    // GraphiQL has no action for the tabs behind the active one; it reads this property when one comes forward.
    for (const tab of tabs) tab.response = null;
    actions.updateActiveTabValues({ response: null });
    responseEditor?.setValue("");
    onCleared();
  };
}
