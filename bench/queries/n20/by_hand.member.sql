-- raw.sql for a role above row security, with what sql/policies say to a member written out.

select '{"data":{"meetings":{"nodes":' || coalesce(json_agg(row_to_json(node)), '[]') || '}}}'
from (
    select
        translate(encode(convert_to('Meeting:' || m.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
        to_char(m.start_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startTime",
        to_char(m.end_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endTime",
        m.guest_name as "guestName",
        (
            select row_to_json(event)
            from (
                select
                    translate(encode(convert_to('Event:' || e.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                    e.name,
                    e.duration_in_minutes as "durationInMinutes"
                from app.events e
                where e.org_id = m.org_id and e.id = m.event_id and e.org_id = (select app.current_org_id())
            ) event
        ) as event
    from app.meetings m
    where m.org_id = (select app.current_org_id()) and m.workos_user_id = (select app.current_user_id())
    order by m.start_time desc, m.id desc
    limit 20
) node
