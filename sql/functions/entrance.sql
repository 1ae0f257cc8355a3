-- The door: the one thing that the login role of the server may execute.

set role orgraph_definer;

-- Decides which role an operation runs as, from what its credential claims and what the tables say.
--
-- Reads `app.user_id` or `app.api_key_id` and `app.workos_org_id`, sets `app.org_id`, answers the role.
-- No organization claimed: `orgraph_guest`, who sees what belongs to nobody in particular.
-- An organization claimed without an active membership (or key): refused with OG403, whole, in the same words
-- for an unknown organization and for somebody else's. Not with 42501: that is what a right that we forgot to
-- grant looks like, and nobody should be told that it is their fault.
create or replace function entrance.enter() returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    claimed text := nullif(current_setting('app.workos_org_id', true), '');
    person text := nullif(current_setting('app.user_id', true), '');
    key text := nullif(current_setting('app.api_key_id', true), '');
    found_org uuid;
    found_role text;
    found_permissions text[];
begin
    perform set_config('app.org_id', '', true);
    if claimed is null then
        return 'orgraph_guest';
    end if;

    if person is not null then
        select m.org_id, m.role, coalesce(m.permissions, app.default_permissions(m.role))
        into found_org, found_role, found_permissions
        from app.user_org_memberships m
        join app.organizations o on o.id = m.org_id
        where m.workos_user_id = person and m.status = 'active'
          and o.workos_org_id = claimed and o.deleted_at is null;
    elsif key is not null then
        select k.org_id, 'partner'
        into found_org, found_role
        from app.api_keys k
        join app.organizations o on o.id = k.org_id
        where k.workos_api_key_id = key and k.status = 'active'
          and o.workos_org_id = claimed and o.deleted_at is null;
    end if;

    if found_org is null then
        raise exception 'not an active member of the organization' using errcode = 'OG403';
    end if;
    perform set_config('app.org_id', found_org::text, true);
    return case
        when found_role = 'partner' then 'orgraph_partner'
        when found_permissions && array['appointments:view', 'appointments:manage'] then 'orgraph_manager'
        when cardinality(found_permissions) > 0 then 'orgraph_officer'
        else 'orgraph_member'
    end;
end
$$;

revoke execute on function entrance.enter() from public;
grant execute on function entrance.enter() to orgraph_api;

set role orgraph_owner;
