-- The words that policies are written in: who is asking, where, and what they may.
--
-- The settings `app.*` are read here and nowhere else. A setting that was used once on a connection
-- reads '' and not null afterwards, so every one goes through nullif().
-- None of these trusts the settings for a right: whoever could set `app.org_id` by hand still meets
-- the membership row, read again in every statement.

set role orgraph_definer;

-- The person asking: a WorkOS user id, or null for a guest, a partner's key and the worker.
create or replace function app.current_user_id() returns text
language sql stable parallel safe set search_path = '' as $$
    select nullif(current_setting('app.user_id', true), '')
$$;

-- Who is asking, whatever kind it is: a user, a partner's key, or null.
create or replace function app.current_actor_id() returns text
language sql stable parallel safe set search_path = '' as $$
    select coalesce(nullif(current_setting('app.user_id', true), ''), nullif(current_setting('app.api_key_id', true), ''))
$$;

-- The organization of the scope, if the membership (or the partner's key) is active: else null, so that
-- whatever is compared with it is false. The only word for the organization in any policy.
create or replace function app.current_org_id() returns uuid
language sql stable parallel safe security definer set search_path = '' as $$
    select m.org_id
    from app.user_org_memberships m
    where m.workos_user_id = nullif(current_setting('app.user_id', true), '')
      and m.org_id = nullif(current_setting('app.org_id', true), '')::uuid
      and m.status = 'active'
    union all
    select k.org_id
    from app.api_keys k
    where nullif(current_setting('app.user_id', true), '') is null
      and k.workos_api_key_id = nullif(current_setting('app.api_key_id', true), '')
      and k.org_id = nullif(current_setting('app.org_id', true), '')::uuid
      and k.status = 'active'
$$;

-- The person's role in the organization of the scope; null for everyone who is not an active member.
create or replace function app.current_membership_role() returns text
language sql stable parallel safe security definer set search_path = '' as $$
    select m.role
    from app.user_org_memberships m
    where m.workos_user_id = nullif(current_setting('app.user_id', true), '')
      and m.org_id = nullif(current_setting('app.org_id', true), '')::uuid
      and m.status = 'active'
$$;

-- What a role may where WorkOS has granted nothing of its own. Reading clinical records is always a grant.
create or replace function app.default_permissions(role text) returns text[]
language sql immutable parallel safe set search_path = '' as $$
    select case
        when role in ('owner', 'admin') then array[
            'organization:manage', 'members:manage', 'events:manage', 'schedules:manage', 'profiles:manage',
            'appointments:view', 'appointments:manage', 'payments:view', 'payments:manage', 'audit:view']
        when role = 'billing_admin' then array['payments:view', 'payments:manage']
        else array[]::text[]
    end
$$;

-- What the caller may in the organization of the scope; empty for everyone who is not active there.
create or replace function app.current_permissions() returns text[]
language sql stable parallel safe security definer set search_path = '' as $$
    select coalesce((
        select coalesce(m.permissions, app.default_permissions(m.role))
        from app.user_org_memberships m
        where m.workos_user_id = nullif(current_setting('app.user_id', true), '')
          and m.org_id = nullif(current_setting('app.org_id', true), '')::uuid
          and m.status = 'active'
        union all
        select k.permissions
        from app.api_keys k
        where nullif(current_setting('app.user_id', true), '') is null
          and k.workos_api_key_id = nullif(current_setting('app.api_key_id', true), '')
          and k.org_id = nullif(current_setting('app.org_id', true), '')::uuid
          and k.status = 'active'
    ), array[]::text[])
$$;

-- May the caller do this, here, now? To manage meetings is to see them.
create or replace function app.may(permission text) returns boolean
language sql stable parallel safe set search_path = '' as $$
    select case permission
        when 'appointments:view'
            then app.current_permissions() && array['appointments:view', 'appointments:manage']
        else permission = any (app.current_permissions())
    end
$$;

-- Is the caller an active member of this organization? True for the scope's organization only.
create or replace function app.is_org_member(org uuid) returns boolean
language sql stable parallel safe set search_path = '' as $$
    select coalesce(org = app.current_org_id(), false)
$$;

-- Does the caller hold this role, actively, in this organization?
create or replace function app.has_org_role(org uuid, role text) returns boolean
language sql stable parallel safe set search_path = '' as $$
    select coalesce(org = app.current_org_id() and role = app.current_membership_role(), false)
$$;

-- Is this person an active member of the scope's organization? A host must be one to be given work.
create or replace function app.is_active_member(person text) returns boolean
language sql stable parallel safe security definer set search_path = '' as $$
    select exists (
        select from app.user_org_memberships m
        where m.org_id = app.current_org_id() and m.workos_user_id = person and m.status = 'active')
$$;

-- Why the worker is at work. Its policies demand a reason: a worker that forgot its scope sees nothing.
create or replace function app.reason() returns text
language sql stable parallel safe set search_path = '' as $$
    select nullif(current_setting('app.reason', true), '')
$$;

revoke execute on function
    app.current_user_id(), app.current_actor_id(), app.current_org_id(), app.current_membership_role(),
    app.default_permissions(text), app.current_permissions(), app.may(text), app.is_org_member(uuid),
    app.has_org_role(uuid, text), app.is_active_member(text), app.reason()
from public;

grant execute on function
    app.current_user_id(), app.current_actor_id(), app.current_org_id(), app.current_membership_role(),
    app.current_permissions(), app.may(text), app.is_org_member(uuid), app.has_org_role(uuid, text),
    app.is_active_member(text)
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;

grant execute on function
    app.current_user_id(), app.current_actor_id(), app.current_org_id(), app.reason()
to orgraph_worker;

set role orgraph_owner;
