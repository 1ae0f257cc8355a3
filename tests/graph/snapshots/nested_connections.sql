begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

/* */ SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT (SELECT count(*) AS count_1
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true) AS "totalCount", coalesce(array_to_json(anon_3.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_4.*)
ORDER BY anon_5.role ASC, anon_5.id ASC) AS nodes
FROM (SELECT app.user_org_memberships.id AS id, app.user_org_memberships.role AS role, app.user_org_memberships.workos_user_id AS workos_user_id
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true
ORDER BY app.user_org_memberships.role ASC, app.user_org_memberships.id ASC
LIMIT 3) AS anon_5
JOIN LATERAL (SELECT CASE WHEN (anon_5.role IS NULL) THEN NULL WHEN (anon_5.role = 'admin') THEN 'ADMIN' WHEN (anon_5.role = 'billing_admin') THEN 'BILLING_ADMIN' WHEN (anon_5.role = 'member') THEN 'MEMBER' WHEN (anon_5.role = 'owner') THEN 'OWNER' ELSE '﷐broken' END AS role, coalesce((SELECT row_to_json(anon_6.*) AS row_to_json_3
FROM (SELECT (SELECT row_to_json(anon_7.*) AS row_to_json_4
FROM (SELECT (SELECT count(*) AS count_2
FROM app.events
WHERE app.events.workos_user_id = anon_8.workos_user_id AND true AND app.events.archived_at IS NULL) AS "totalCount", coalesce(array_to_json(anon_9.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_10.*)
ORDER BY anon_11.position ASC, anon_11.id ASC) AS nodes
FROM (SELECT app.events.id AS id, app.events.name AS name, app.events.position AS position
FROM app.events
WHERE app.events.workos_user_id = anon_8.workos_user_id AND true AND app.events.archived_at IS NULL
ORDER BY app.events.position ASC, app.events.id ASC
LIMIT 2) AS anon_11
JOIN LATERAL (SELECT anon_11.name AS name, (SELECT row_to_json(anon_12.*) AS row_to_json_5
FROM (SELECT (SELECT count(*) AS count_3
FROM app.meetings
WHERE app.meetings.event_id = anon_11.id AND true) AS "totalCount", coalesce(array_to_json(anon_13.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_14.*)
ORDER BY anon_15.start_time DESC, anon_15.id DESC) AS nodes
FROM (SELECT app.meetings.guest_name AS guest_name, app.meetings.id AS id, app.meetings.start_time AS start_time, app.meetings.status AS status
FROM app.meetings
WHERE app.meetings.event_id = anon_11.id AND true
ORDER BY app.meetings.start_time DESC, app.meetings.id DESC
LIMIT 2) AS anon_15
JOIN LATERAL (SELECT CASE WHEN (anon_15.status IS NULL) THEN NULL WHEN (anon_15.status = 'cancelled') THEN 'CANCELLED' WHEN (anon_15.status = 'completed') THEN 'COMPLETED' WHEN (anon_15.status = 'confirmed') THEN 'CONFIRMED' WHEN (anon_15.status = 'conflict') THEN 'CONFLICT' WHEN (anon_15.status = 'expired') THEN 'EXPIRED' WHEN (anon_15.status = 'held') THEN 'HELD' WHEN (anon_15.status = 'no_show') THEN 'NO_SHOW' WHEN (anon_15.status = 'pending_payment') THEN 'PENDING_PAYMENT' ELSE '﷐broken' END AS status, anon_15.guest_name AS "guestName") AS anon_14 ON true) AS anon_13) AS anon_12) AS meetings) AS anon_10 ON true) AS anon_9) AS anon_7) AS events
FROM (SELECT app.users.workos_user_id AS workos_user_id
FROM app.users
WHERE app.users.workos_user_id = anon_5.workos_user_id) AS anon_8) AS anon_6), '"﷐broken"'::json) AS "user") AS anon_4 ON true) AS anon_3) AS anon_2) AS memberships) AS anon_1;

commit;
