begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

/* */ SELECT current_user::text, CAST(row_to_json(anon_1.*) AS TEXT) AS row_to_json_1
FROM (SELECT (SELECT row_to_json(anon_2.*) AS row_to_json_2
FROM (SELECT (SELECT count(*) AS count_1
FROM app.audit_logs
WHERE app.audit_logs.created_at >= $1::TIMESTAMP WITH TIME ZONE AND app.audit_logs.created_at < $2::TIMESTAMP WITH TIME ZONE AND app.audit_logs.action = ANY ($3::TEXT[]) AND app.audit_logs.resource_type = ANY ($4::TEXT[]) AND app.audit_logs.resource_id = $5::VARCHAR AND app.audit_logs.actor_id = (SELECT app.users.workos_user_id
FROM app.users
WHERE app.users.id = $6::UUID) AND app.audit_logs.outcome = ANY ($7::TEXT[])) AS "totalCount", coalesce(array_to_json(anon_3.nodes), '[]'::json) AS nodes
FROM (SELECT count(*) AS "#seen", array_agg(row_to_json(anon_4.*)
ORDER BY anon_5.created_at ASC, anon_5.id ASC) AS nodes
FROM (SELECT app.audit_logs.action AS action, app.audit_logs.actor_id AS actor_id, app.audit_logs.created_at AS created_at, app.audit_logs.id AS id, app.audit_logs.outcome AS outcome
FROM app.audit_logs
WHERE app.audit_logs.created_at >= $1::TIMESTAMP WITH TIME ZONE AND app.audit_logs.created_at < $2::TIMESTAMP WITH TIME ZONE AND app.audit_logs.action = ANY ($3::TEXT[]) AND app.audit_logs.resource_type = ANY ($4::TEXT[]) AND app.audit_logs.resource_id = $5::VARCHAR AND app.audit_logs.actor_id = (SELECT app.users.workos_user_id
FROM app.users
WHERE app.users.id = $6::UUID) AND app.audit_logs.outcome = ANY ($7::TEXT[])
ORDER BY app.audit_logs.created_at ASC, app.audit_logs.id ASC
LIMIT 5) AS anon_5
JOIN LATERAL (SELECT anon_5.action AS action, CASE WHEN (anon_5.outcome IS NULL) THEN NULL WHEN (anon_5.outcome = 'denied') THEN 'DENIED' WHEN (anon_5.outcome = 'failed') THEN 'FAILED' WHEN (anon_5.outcome = 'success') THEN 'SUCCESS' ELSE '﷐broken' END AS outcome, (SELECT row_to_json(anon_6.*) AS row_to_json_3
FROM (SELECT anon_7.email AS email
FROM (SELECT app.users.email AS email
FROM app.users
WHERE app.users.workos_user_id = anon_5.actor_id) AS anon_7) AS anon_6) AS actor) AS anon_4 ON true) AS anon_3) AS anon_2) AS "auditLogs") AS anon_1;

commit;
