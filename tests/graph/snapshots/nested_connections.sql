begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

/* */ SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT (SELECT count(*) AS count_1
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true) AS "totalCount", coalesce(array_to_json(anon_3.nodes), '[]'::json) AS nodes
FROM (WITH anon_4 AS (SELECT app.user_org_memberships.id AS id, app.user_org_memberships.role AS role, app.user_org_memberships.workos_user_id AS workos_user_id
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true
ORDER BY app.user_org_memberships.role ASC, app.user_org_memberships.id ASC
LIMIT 3), anon_5 AS (SELECT app.users.workos_user_id AS workos_user_id
FROM app.users
JOIN (SELECT DISTINCT anon_4.workos_user_id AS "#key"
FROM anon_4) AS anon_6 ON app.users.workos_user_id = anon_6."#key"), anon_7 AS MATERIALIZED (SELECT anon_5.workos_user_id AS "#key", row_to_json(anon_8.*) AS "#told"
FROM anon_5
JOIN LATERAL (SELECT (SELECT row_to_json(anon_9.*) AS row_to_json_3
FROM (SELECT (SELECT count(*) AS count_2
FROM app.events
WHERE app.events.workos_user_id = anon_5.workos_user_id AND true AND app.events.archived_at IS NULL) AS "totalCount", coalesce(array_to_json(anon_10.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_11.*)
ORDER BY anon_12.position ASC, anon_12.id ASC) AS nodes
FROM (SELECT app.events.id AS id, app.events.name AS name, app.events.position AS position
FROM app.events
WHERE app.events.workos_user_id = anon_5.workos_user_id AND true AND app.events.archived_at IS NULL
ORDER BY app.events.position ASC, app.events.id ASC
LIMIT 2) AS anon_12
JOIN LATERAL (SELECT anon_12.name AS name, (SELECT row_to_json(anon_13.*) AS row_to_json_4
FROM (SELECT (SELECT count(*) AS count_3
FROM app.meetings
WHERE app.meetings.event_id = anon_12.id AND true) AS "totalCount", coalesce(array_to_json(anon_14.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_15.*)
ORDER BY anon_16.start_time DESC, anon_16.id DESC) AS nodes
FROM (SELECT app.meetings.guest_name AS guest_name, app.meetings.id AS id, app.meetings.start_time AS start_time, app.meetings.status AS status
FROM app.meetings
WHERE app.meetings.event_id = anon_12.id AND true
ORDER BY app.meetings.start_time DESC, app.meetings.id DESC
LIMIT 2) AS anon_16
JOIN LATERAL (SELECT CASE WHEN (anon_16.status IS NULL) THEN NULL WHEN (anon_16.status = 'cancelled') THEN 'CANCELLED' WHEN (anon_16.status = 'completed') THEN 'COMPLETED' WHEN (anon_16.status = 'confirmed') THEN 'CONFIRMED' WHEN (anon_16.status = 'conflict') THEN 'CONFLICT' WHEN (anon_16.status = 'expired') THEN 'EXPIRED' WHEN (anon_16.status = 'held') THEN 'HELD' WHEN (anon_16.status = 'no_show') THEN 'NO_SHOW' WHEN (anon_16.status = 'pending_payment') THEN 'PENDING_PAYMENT' ELSE '﷐broken' END AS status, anon_16.guest_name AS "guestName") AS anon_15 ON true) AS anon_14) AS anon_13) AS meetings) AS anon_11 ON true) AS anon_10) AS anon_9) AS events) AS anon_8 ON true) SELECT count(*) AS "#seen", array_agg(row_to_json(anon_17.*)
ORDER BY anon_4.role ASC, anon_4.id ASC) AS nodes
FROM anon_4 LEFT OUTER
JOIN anon_7 ON anon_7."#key" = anon_4.workos_user_id
JOIN LATERAL (SELECT CASE WHEN (anon_4.role IS NULL) THEN NULL WHEN (anon_4.role = 'admin') THEN 'ADMIN' WHEN (anon_4.role = 'billing_admin') THEN 'BILLING_ADMIN' WHEN (anon_4.role = 'member') THEN 'MEMBER' WHEN (anon_4.role = 'owner') THEN 'OWNER' ELSE '﷐broken' END AS role, coalesce(anon_7."#told", '"﷐broken"'::json) AS "user") AS anon_17 ON true) AS anon_3) AS anon_2) AS memberships) AS anon_1;

commit;
