-- The trail: written by these functions alone, stamped by them from the scope, changed by nobody.

set role orgraph_definer;

-- Where the request came from, or null: an address that does not parse is no reason to lose the row.
create or replace function app.current_ip() returns inet
language plpgsql stable parallel safe set search_path = '' as $$
begin
    return nullif(current_setting('app.ip', true), '')::inet;
exception when invalid_text_representation then
    return null;
end
$$;

-- One row of the trail. Actor, address, request and time come from the scope, never from arguments.
create or replace function app.insert_audit_row(org uuid, entry jsonb, outcome text) returns void
language sql volatile set search_path = '' as $$
    insert into app.audit_logs (
        org_id, actor_type, actor_id, impersonator_id, action, resource_type, resource_id, outcome,
        old_values, new_values, metadata, ip, user_agent, request_id, operation_name, document_id)
    values (
        org,
        coalesce(nullif(current_setting('app.actor_type', true), ''), 'guest'),
        coalesce(app.current_actor_id(), app.reason()),
        nullif(current_setting('app.impersonator_id', true), ''),
        entry ->> 'action', entry ->> 'resource_type', entry ->> 'resource_id', outcome,
        entry -> 'old_values', entry -> 'new_values', coalesce(entry -> 'metadata', '{}'),
        app.current_ip(),
        nullif(current_setting('app.user_agent', true), ''),
        nullif(current_setting('app.request_id', true), '')::uuid,
        nullif(current_setting('app.operation_name', true), ''),
        nullif(current_setting('app.document_id', true), ''))
$$;

-- What an operation did, in its own transaction: one call, the last statement before COMMIT.
-- `entries` is an array of {action, resource_type, resource_id, old_values, new_values, metadata}.
create or replace function app.record_audit(entries jsonb) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    org uuid := app.current_org_id();
begin
    if org is null then
        raise exception 'nothing is recorded without an organization' using errcode = '42501';
    end if;
    perform app.insert_audit_row(org, entry, 'success') from jsonb_array_elements(entries) as entry;
    return jsonb_array_length(entries);
end
$$;

-- What an operation was refused, or failed at, in a transaction of its own after the rollback.
-- The claimed person and organization are stamped as claimed: the organization if it exists and the
-- person has ever belonged to it, else the platform. It can write no other outcome.
create or replace function app.record_denial(entries jsonb) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    claimed uuid := (
        select o.id from app.organizations o
        where o.workos_org_id = nullif(current_setting('app.workos_org_id', true), ''));
    org uuid := coalesce(
        (select m.org_id from app.user_org_memberships m
         where m.org_id = claimed and m.workos_user_id = app.current_user_id()),
        (select k.org_id from app.api_keys k
         where k.org_id = claimed and k.workos_api_key_id = nullif(current_setting('app.api_key_id', true), '')),
        '00000000-0000-7000-8000-000000000000');
begin
    perform app.insert_audit_row(org, entry, case entry ->> 'outcome' when 'failed' then 'failed' else 'denied' end)
    from jsonb_array_elements(entries) as entry;
    return jsonb_array_length(entries);
end
$$;

-- What the worker did to an organization, and why (`app.reason`).
create or replace function app.record_system_audit(org uuid, entries jsonb) returns integer
language plpgsql volatile security definer set search_path = '' as $$
begin
    if app.reason() is null then
        raise exception 'the worker names a reason before it records' using errcode = '42501';
    end if;
    perform set_config('app.actor_type', 'system', true);
    perform app.insert_audit_row(org, entry, 'success') from jsonb_array_elements(entries) as entry;
    return jsonb_array_length(entries);
end
$$;

revoke execute on function
    app.current_ip(), app.insert_audit_row(uuid, jsonb, text), app.record_audit(jsonb), app.record_denial(jsonb),
    app.record_system_audit(uuid, jsonb)
from public;

grant execute on function app.record_audit(jsonb), app.record_denial(jsonb)
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;

grant execute on function app.record_system_audit(uuid, jsonb) to orgraph_worker;

set role orgraph_owner;

-- Stops everyone, the owner included: a row of the trail is written once.
create or replace function app.refuse_audit_change() returns trigger
language plpgsql set search_path = '' as $$
begin
    raise exception 'audit_logs is append-only' using errcode = '42501';
end
$$;

-- Makes the months of the trail that are missing: this one and `ahead` more. Run by the owner at every migration.
-- A partition is a table of its own: without its own row security and with a grant it would be read past the
-- policies of audit_logs, so each is walled and granted to nobody.
create or replace function app.ensure_audit_partitions(ahead integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
    month timestamp;
    partition text;
    made integer := 0;
begin
    for month in
        select generate_series(date_trunc('month', now() at time zone 'UTC'),
                               date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead),
                               interval '1 month')
    loop
        partition := 'audit_logs_' || to_char(month, 'YYYY_MM');
        if to_regclass('app.' || partition) is null then
            perform app.make_audit_month(partition, month at time zone 'UTC',
                                         (month + interval '1 month') at time zone 'UTC');
            made := made + 1;
        end if;
    end loop;
    for partition in
        select c.relname from pg_catalog.pg_inherits i
        join pg_catalog.pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'app.audit_logs'::regclass and not (c.relrowsecurity and c.relforcerowsecurity)
    loop
        execute format('alter table app.%I enable row level security', partition);
        execute format('alter table app.%I force row level security', partition);
        execute format('create trigger t00_no_truncate before truncate on app.%I for each statement '
                       'execute function app.refuse_audit_change()', partition);
        execute format('alter table app.%I enable always trigger t00_no_truncate', partition);
    end loop;
    return made;
end
$$;

-- One month. What was written while it was missing waits in the default partition, over which Postgres makes no
-- month: it is moved, row for row, in this transaction. Only the owner can, and only by saying so as loudly as here.
-- The new table has its foreign keys before its rows: attaching would otherwise check them as the owner, to whom the
-- policies show no organization.
create or replace function app.make_audit_month(partition text, since timestamptz, until timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
    reference record;
    walled boolean := (select relforcerowsecurity from pg_catalog.pg_class where oid = 'app.audit_logs_default'::regclass);
begin
    execute format('create table app.%I (like app.audit_logs including defaults including constraints)', partition);
    for reference in
        select conname, pg_catalog.pg_get_constraintdef(oid) as definition from pg_catalog.pg_constraint
        where conrelid = 'app.audit_logs'::regclass and contype = 'f'
    loop
        execute format('alter table app.%I add constraint %I %s', partition, reference.conname, reference.definition);
    end loop;
    alter table app.audit_logs_default no force row level security;
    alter table app.audit_logs_default disable trigger t00_append_only;
    execute format('with moved as (delete from app.audit_logs_default where created_at >= $1 and created_at < $2 '
                   'returning *) insert into app.%I select * from moved', partition) using since, until;
    alter table app.audit_logs_default enable always trigger t00_append_only;
    if walled then
        alter table app.audit_logs_default force row level security;
    end if;
    execute format('alter table app.audit_logs attach partition app.%I for values from (%L) to (%L)',
                   partition, since, until);
end
$$;

revoke execute on function app.refuse_audit_change(), app.ensure_audit_partitions(integer),
    app.make_audit_month(text, timestamptz, timestamptz) from public;
