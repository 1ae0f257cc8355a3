-- Five levels: every to-one a scalar sub-select, every list an aggregate of its own page. The page is cut first: else the
-- planner takes the sub-selects' cost for a reason to read all meetings and sort them.

select '{"data":{"meetings":{"nodes":' || coalesce(json_agg(row_to_json(node)), '[]') || '}}}'
from (
    select
        translate(encode(convert_to('Meeting:' || m.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
        to_char(m.start_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startTime",
        (
            select row_to_json(event)
            from (
                select
                    translate(encode(convert_to('Event:' || e.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                    e.name,
                    (
                        select row_to_json(organization)
                        from (
                            select
                                translate(encode(convert_to('Organization:' || o.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                                o.name,
                                json_build_object('nodes', coalesce((
                                    select json_agg(row_to_json(member))
                                    from (
                                        select
                                            translate(encode(convert_to('Membership:' || s.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                                            upper(s.role) as role,
                                            (
                                                select row_to_json(person)
                                                from (
                                                    select
                                                        translate(encode(convert_to('User:' || u.id, 'UTF8'), 'base64'), '+/=', '-_') as id,
                                                        u.first_name as "firstName",
                                                        u.last_name as "lastName"
                                                    from app.users u
                                                    where u.workos_user_id = s.workos_user_id
                                                ) person
                                            ) as user
                                        from app.user_org_memberships s
                                        where s.org_id = o.id
                                        order by s.joined_at, s.id
                                        limit 5
                                    ) member
                                ), '[]')) as memberships
                            from app.organizations o
                            where o.id = e.org_id
                        ) organization
                    ) as organization
                from app.events e
                where e.org_id = m.org_id and e.id = m.event_id
            ) event
        ) as event
    from (
        select org_id, id, event_id, start_time
        from app.meetings
        order by start_time desc, id desc
        limit 20
    ) m
    order by m.start_time desc, m.id desc
) node
