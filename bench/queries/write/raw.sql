-- A booking, its row of the trail and its answer in one statement: what orgraph's bookMeeting does, by hand.
-- $1 event, $2 start, $3 guest's name, $4 e-mail address, $5 time zone.

with event as (
    select e.id, e.name, e.duration_in_minutes, e.workos_user_id, e.price_cents, e.currency
    from app.events e
    where e.id = $1 and e.archived_at is null and e.is_active
), meeting as (
    insert into app.meetings (
        event_id, workos_user_id, start_time, end_time, guest_name, guest_email, guest_timezone, amount_cents, currency)
    select
        id, workos_user_id, $2::timestamptz, $2::timestamptz + make_interval(mins => duration_in_minutes),
        $3, $4, $5, price_cents, currency
    from event
    returning
        id, event_id, workos_user_id, start_time, end_time, guest_name, guest_email, guest_timezone, amount_cents,
        currency, status
), trail as (
    select app.record_audit(jsonb_build_array(jsonb_build_object(
        'action', 'APPOINTMENT_CREATED', 'resource_type', 'appointment', 'resource_id', id,
        'new_values', to_jsonb(meeting) - 'id'))) as written
    from meeting
)
select '{"data":{"bookMeeting":' || row_to_json(answer) || '}}'
from (
    select
        translate(encode(convert_to('Meeting:' || m.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
        to_char(m.start_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startTime",
        to_char(m.end_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endTime",
        m.guest_name as "guestName",
        (
            select row_to_json(booked)
            from (
                select
                    translate(encode(convert_to('Event:' || e.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                    e.name,
                    e.duration_in_minutes as "durationInMinutes"
            ) booked
        ) as event
    from meeting m
    join event e on e.id = m.event_id
    join trail t on t.written = 1
) answer
