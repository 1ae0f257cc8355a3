begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT count(*) AS count_1
FROM app.audit_logs
WHERE app.audit_logs.created_at >= $1::TIMESTAMP WITH TIME ZONE AND app.audit_logs.created_at < $2::TIMESTAMP WITH TIME ZONE AND app.audit_logs.action = ANY ($3::TEXT[]) AND app.audit_logs.resource_type = ANY ($4::TEXT[]) AND app.audit_logs.resource_id = $5::VARCHAR AND app.audit_logs.actor_id = (SELECT app.users.workos_user_id
FROM app.users
WHERE app.users.id = $6::UUID) AND app.audit_logs.outcome = ANY ($7::TEXT[]);

SELECT app.audit_logs.org_id, app.audit_logs.id, app.audit_logs.created_at, app.audit_logs.actor_type, app.audit_logs.actor_id, app.audit_logs.impersonator_id, app.audit_logs.action, app.audit_logs.resource_type, app.audit_logs.resource_id, app.audit_logs.outcome, app.audit_logs.old_values, app.audit_logs.new_values, app.audit_logs.metadata, app.audit_logs.ip, app.audit_logs.user_agent, app.audit_logs.request_id, app.audit_logs.operation_name
FROM app.audit_logs
WHERE app.audit_logs.created_at >= $1::TIMESTAMP WITH TIME ZONE AND app.audit_logs.created_at < $2::TIMESTAMP WITH TIME ZONE AND app.audit_logs.action = ANY ($3::TEXT[]) AND app.audit_logs.resource_type = ANY ($4::TEXT[]) AND app.audit_logs.resource_id = $5::VARCHAR AND app.audit_logs.actor_id = (SELECT app.users.workos_user_id
FROM app.users
WHERE app.users.id = $6::UUID) AND app.audit_logs.outcome = ANY ($7::TEXT[])
ORDER BY app.audit_logs.created_at ASC, app.audit_logs.id ASC
LIMIT $8::INTEGER;

commit;
