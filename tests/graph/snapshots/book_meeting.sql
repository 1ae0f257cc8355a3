begin isolation level read committed read write;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

DELETE
FROM app.idempotency_keys
WHERE app.idempotency_keys.mutation = $1::VARCHAR AND app.idempotency_keys.key = $2::VARCHAR AND app.idempotency_keys.created_at < now() - $3::INTERVAL;

INSERT INTO app.idempotency_keys (mutation, key, request_hash)
VALUES ($1::VARCHAR, $2::VARCHAR, $3::BYTEA)
ON CONFLICT DO NOTHING
RETURNING app.idempotency_keys.key;

SELECT app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at
FROM app.events
WHERE app.events.id = $1::UUID;

INSERT INTO app.meetings (event_id, workos_user_id, guest_email, guest_name, guest_notes, guest_timezone, start_time, end_time, amount_cents, currency)
VALUES ($1::UUID, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::TIMESTAMP WITH TIME ZONE, $9::BIGINT, $10::VARCHAR)
ON CONFLICT DO NOTHING
RETURNING app.meetings.org_id, app.meetings.id, app.meetings.event_id, app.meetings.workos_user_id, app.meetings.status, app.meetings.guest_email, app.meetings.guest_email_lower, app.meetings.guest_name, app.meetings.guest_timezone, app.meetings.start_time, app.meetings.end_time, app.meetings.meeting_url, app.meetings.cancelled_at, app.meetings.cancelled_by, app.meetings.cancellation_reason, app.meetings.amount_cents, app.meetings.currency, app.meetings.created_at, app.meetings.updated_at;

UPDATE app.idempotency_keys
SET result=$1::JSONB
WHERE app.idempotency_keys.actor_id = app.current_actor_id() AND app.idempotency_keys.mutation = $2::VARCHAR AND app.idempotency_keys.key = $3::VARCHAR;

/* */ with beside as materialized (select app.record_audit($2::jsonb) as called) select answer.*, beside.called from beside, (SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT 'Meeting' AS __typename, CASE WHEN (anon_3.status IS NULL) THEN NULL WHEN (anon_3.status = 'cancelled') THEN 'CANCELLED' WHEN (anon_3.status = 'completed') THEN 'COMPLETED' WHEN (anon_3.status = 'confirmed') THEN 'CONFIRMED' WHEN (anon_3.status = 'conflict') THEN 'CONFLICT' WHEN (anon_3.status = 'expired') THEN 'EXPIRED' WHEN (anon_3.status = 'held') THEN 'HELD' WHEN (anon_3.status = 'no_show') THEN 'NO_SHOW' WHEN (anon_3.status = 'pending_payment') THEN 'PENDING_PAYMENT' ELSE '﷐broken' END AS status, to_char(timezone('UTC', anon_3.start_time), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "startTime", to_char(timezone('UTC', anon_3.end_time), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endTime", coalesce((SELECT row_to_json(anon_4.*) AS row_to_json_3
FROM (SELECT anon_5.name AS name
FROM (SELECT app.events.name AS name
FROM app.events
WHERE app.events.id = anon_3.event_id) AS anon_5) AS anon_4), '"﷐broken"'::json) AS event
FROM (SELECT app.meetings.end_time AS end_time, app.meetings.event_id AS event_id, app.meetings.start_time AS start_time, app.meetings.status AS status
FROM app.meetings
WHERE app.meetings.id = $1::UUID) AS anon_3) AS anon_2) AS row) AS anon_1) answer;

commit;
