begin isolation level read committed read write;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at
FROM app.events
WHERE app.events.id = $1::UUID;

UPDATE app.events
SET is_active=$1::BOOLEAN, archived_at=$2::TIMESTAMP WITH TIME ZONE
WHERE app.events.id = $3::UUID AND app.events.archived_at IS NULL
RETURNING app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at;

SELECT app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at
FROM app.events
WHERE app.events.id = $1::UUID;

rollback;

begin;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent;
select set_config('role', 'orgraph_guest', true);
select app.record_denial('…'::jsonb);

commit;
