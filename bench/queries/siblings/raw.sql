-- Three lists, each with its page and its count, in one statement.

select
    '{"data":{"meetings":{"totalCount":' || (select count(*) from app.meetings) || ',"nodes":' || coalesce((
        select json_agg(row_to_json(node))
        from (
            select
                translate(encode(convert_to('Meeting:' || m.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                to_char(m.start_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startTime",
                m.guest_name as "guestName"
            from app.meetings m
            order by m.start_time desc, m.id desc
            limit 10
        ) node
    ), '[]') || '},"events":{"totalCount":' || (select count(*) from app.events where archived_at is null)
    || ',"nodes":' || coalesce((
        select json_agg(row_to_json(node))
        from (
            select
                translate(encode(convert_to('Event:' || e.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                e.name,
                e.price_cents as "priceCents"
            from app.events e
            where e.archived_at is null
            order by e.position, e.id
            limit 10
        ) node
    ), '[]') || '},"memberships":{"totalCount":'
    || (select count(*) from app.user_org_memberships where org_id = (select app.current_org_id()))
    || ',"nodes":' || coalesce((
        select json_agg(row_to_json(node))
        from (
            select
                translate(encode(convert_to('Membership:' || s.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                upper(s.role) as role,
                to_char(s.joined_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "joinedAt"
            from app.user_org_memberships s
            where s.org_id = (select app.current_org_id())
            order by s.joined_at, s.id
            limit 10
        ) node
    ), '[]') || '}}}'
