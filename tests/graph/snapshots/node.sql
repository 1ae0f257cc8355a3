begin isolation level repeatable read read write;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

/* */ SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT 'Meeting' AS __typename, rtrim(encode(convert_to('Meeting:' || CAST(anon_3.id AS TEXT), 'UTF8'), 'base64'), '…') AS id, CASE WHEN (anon_3.status IS NULL) THEN NULL WHEN (anon_3.status = 'cancelled') THEN 'CANCELLED' WHEN (anon_3.status = 'completed') THEN 'COMPLETED' WHEN (anon_3.status = 'confirmed') THEN 'CONFIRMED' WHEN (anon_3.status = 'conflict') THEN 'CONFLICT' WHEN (anon_3.status = 'expired') THEN 'EXPIRED' WHEN (anon_3.status = 'held') THEN 'HELD' WHEN (anon_3.status = 'no_show') THEN 'NO_SHOW' WHEN (anon_3.status = 'pending_payment') THEN 'PENDING_PAYMENT' ELSE '﷐broken' END AS status, anon_3.guest_notes AS "guestNotes", coalesce((SELECT row_to_json(anon_4.*) AS row_to_json_3
FROM (SELECT anon_5.name AS name
FROM (SELECT app.events.name AS name
FROM app.events
WHERE app.events.id = anon_3.event_id) AS anon_5) AS anon_4), '"﷐broken"'::json) AS event, anon_3.id AS "#Meeting.guestNotes"
FROM (SELECT app.meetings.event_id AS event_id, app.meetings.guest_notes AS guest_notes, app.meetings.id AS id, app.meetings.status AS status
FROM app.meetings
WHERE app.meetings.id = $1::UUID) AS anon_3) AS anon_2) AS node) AS anon_1;

SELECT app.record_audit($1::JSONB) AS record_audit_1;

commit;
