begin isolation level repeatable read read only;
select app.user_id, app.workos_org_id, app.api_key_id, app.actor_type, app.impersonator_id, app.request_id, app.operation_name, app.document_id, app.ip, app.user_agent, statement_timeout;
select set_config('role', entrance.enter(), true);

SELECT count(*) AS count_1
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true;

SELECT app.user_org_memberships.org_id, app.user_org_memberships.id, app.user_org_memberships.workos_user_id, app.user_org_memberships.role, app.user_org_memberships.permissions, app.user_org_memberships.status, app.user_org_memberships.joined_at, app.user_org_memberships.created_at, app.user_org_memberships.updated_at
FROM app.user_org_memberships
WHERE app.user_org_memberships.org_id = (SELECT app.current_org_id() AS current_org_id_1) AND true
ORDER BY app.user_org_memberships.role ASC, app.user_org_memberships.id ASC
LIMIT $1::INTEGER;

SELECT app.users.id, app.users.workos_user_id, app.users.email, app.users.first_name, app.users.last_name, app.users.image_url, app.users.username, app.users.created_at
FROM app.users
WHERE app.users.workos_user_id = ANY ($1::TEXT[]);

SELECT app.events.workos_user_id, count(*) AS count_1
FROM app.events
WHERE true AND app.events.archived_at IS NULL AND app.events.workos_user_id = ANY ($1::TEXT[])
GROUP BY app.events.workos_user_id;

SELECT parents.key, page.org_id, page.id, page.workos_user_id, page.name, page.slug, page.description, page.duration_in_minutes, page.is_active, page.position, page.price_cents, page.currency, page.archived_at, page.created_at, page.updated_at
FROM unnest($1::TEXT[]) WITH ORDINALITY AS parents(key, place)
JOIN LATERAL (SELECT app.events.org_id AS org_id, app.events.id AS id, app.events.workos_user_id AS workos_user_id, app.events.name AS name, app.events.slug AS slug, app.events.description AS description, app.events.duration_in_minutes AS duration_in_minutes, app.events.is_active AS is_active, app.events.position AS position, app.events.price_cents AS price_cents, app.events.currency AS currency, app.events.archived_at AS archived_at, app.events.created_at AS created_at, app.events.updated_at AS updated_at
FROM app.events
WHERE app.events.workos_user_id = parents.key AND true AND app.events.archived_at IS NULL
ORDER BY app.events.position ASC, app.events.id ASC
LIMIT $2::INTEGER) AS page ON true
ORDER BY parents.place, page.position ASC, page.id ASC;

SELECT app.meetings.event_id, count(*) AS count_1
FROM app.meetings
WHERE true AND app.meetings.event_id = ANY ($1::UUID[])
GROUP BY app.meetings.event_id;

SELECT parents.key, page.org_id, page.id, page.event_id, page.workos_user_id, page.status, page.guest_email, page.guest_email_lower, page.guest_name, page.guest_timezone, page.start_time, page.end_time, page.meeting_url, page.cancelled_at, page.cancelled_by, page.cancellation_reason, page.amount_cents, page.currency, page.created_at, page.updated_at
FROM unnest($1::UUID[]) WITH ORDINALITY AS parents(key, place)
JOIN LATERAL (SELECT app.meetings.org_id AS org_id, app.meetings.id AS id, app.meetings.event_id AS event_id, app.meetings.workos_user_id AS workos_user_id, app.meetings.status AS status, app.meetings.guest_email AS guest_email, app.meetings.guest_email_lower AS guest_email_lower, app.meetings.guest_name AS guest_name, app.meetings.guest_notes AS guest_notes, app.meetings.guest_timezone AS guest_timezone, app.meetings.start_time AS start_time, app.meetings.end_time AS end_time, app.meetings.meeting_url AS meeting_url, app.meetings.cancelled_at AS cancelled_at, app.meetings.cancelled_by AS cancelled_by, app.meetings.cancellation_reason AS cancellation_reason, app.meetings.amount_cents AS amount_cents, app.meetings.currency AS currency, app.meetings.created_at AS created_at, app.meetings.updated_at AS updated_at
FROM app.meetings
WHERE app.meetings.event_id = parents.key AND true
ORDER BY app.meetings.start_time DESC, app.meetings.id DESC
LIMIT $2::INTEGER) AS page ON true
ORDER BY parents.place, page.start_time DESC, page.id DESC;

commit;
