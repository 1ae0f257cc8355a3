begin isolation level read committed read write;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at
FROM app.events
WHERE app.events.id IN ($1::UUID, $2::UUID, $3::UUID);

UPDATE app.events
SET position=(((moved.place + (SELECT coalesce(min(events_1.position), $1::INTEGER) AS coalesce_1
FROM app.events AS events_1
WHERE (events_1.id NOT IN ($6::UUID, $7::UUID, $8::UUID)))) - $2::INTEGER) - $3::INTEGER)
FROM unnest($4::UUID[], $5::INTEGER[]) AS moved(id, place)
WHERE app.events.id = moved.id
RETURNING app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at;

SELECT app.record_audit($1::JSONB) AS record_audit_1;

commit;
