begin isolation level repeatable read read write;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT app.meetings.org_id, app.meetings.id, app.meetings.event_id, app.meetings.workos_user_id, app.meetings.status, app.meetings.guest_email, app.meetings.guest_email_lower, app.meetings.guest_name, app.meetings.guest_timezone, app.meetings.start_time, app.meetings.end_time, app.meetings.meeting_url, app.meetings.cancelled_at, app.meetings.cancelled_by, app.meetings.cancellation_reason, app.meetings.amount_cents, app.meetings.currency, app.meetings.created_at, app.meetings.updated_at
FROM app.meetings
WHERE app.meetings.id = $1::UUID;

SELECT app.events.org_id, app.events.id, app.events.workos_user_id, app.events.name, app.events.slug, app.events.description, app.events.duration_in_minutes, app.events.is_active, app.events.position, app.events.price_cents, app.events.currency, app.events.archived_at, app.events.created_at, app.events.updated_at
FROM app.events
WHERE app.events.id = ANY ($1::UUID[]);

SELECT app.meetings.id, app.meetings.guest_notes
FROM app.meetings
WHERE app.meetings.id = ANY ($1::UUID[]);

SELECT app.record_audit($1::JSONB) AS record_audit_1;

commit;
