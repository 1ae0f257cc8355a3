begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

/* */ SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT (SELECT count(*) AS count_1
FROM app.meetings
WHERE true) AS "totalCount", coalesce(array_to_json(anon_3.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_4.*)
ORDER BY anon_5.start_time DESC, anon_5.id DESC) AS nodes
FROM (SELECT app.meetings.end_time AS end_time, app.meetings.event_id AS event_id, app.meetings.guest_name AS guest_name, app.meetings.id AS id, app.meetings.start_time AS start_time
FROM app.meetings
WHERE true
ORDER BY app.meetings.start_time DESC, app.meetings.id DESC
LIMIT 20) AS anon_5
JOIN LATERAL (SELECT rtrim(encode(convert_to('Meeting:' || CAST(anon_5.id AS TEXT), 'UTF8'), 'base64'), '…') AS id, to_char(timezone('UTC', anon_5.start_time), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "startTime", to_char(timezone('UTC', anon_5.end_time), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endTime", anon_5.guest_name AS "guestName", coalesce((SELECT row_to_json(anon_6.*) AS row_to_json_3
FROM (SELECT rtrim(encode(convert_to('Event:' || CAST(anon_7.id AS TEXT), 'UTF8'), 'base64'), '…') AS id, anon_7.name AS name, anon_7.duration_in_minutes AS "durationInMinutes"
FROM (SELECT app.events.duration_in_minutes AS duration_in_minutes, app.events.id AS id, app.events.name AS name
FROM app.events
WHERE app.events.id = anon_5.event_id) AS anon_7) AS anon_6), '"﷐broken"'::json) AS event) AS anon_4 ON true) AS anon_3) AS anon_2) AS meetings) AS anon_1;

commit;
