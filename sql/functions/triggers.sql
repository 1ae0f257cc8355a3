-- What a table does by itself. Owned by the owner, run with the rights of whoever writes.

-- Keeps updated_at true, whoever writes and whatever they forgot.
create or replace function app.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- A transfer walks one way: nothing that was paid out, refunded or failed for good comes back to life.
create or replace function app.guard_transfer_status() returns trigger
language plpgsql set search_path = '' as $$
begin
    if new.status is distinct from old.status and not (
        case old.status
            when 'PENDING' then new.status in ('APPROVED', 'READY', 'FAILED', 'REFUNDED', 'DISPUTED')
            when 'APPROVED' then new.status in ('READY', 'COMPLETED', 'FAILED', 'REFUNDED', 'DISPUTED')
            when 'READY' then new.status in ('COMPLETED', 'FAILED', 'REFUNDED', 'DISPUTED')
            when 'FAILED' then new.status in ('PENDING', 'READY', 'REFUNDED')
            when 'COMPLETED' then new.status in ('PAID_OUT', 'REFUNDED', 'DISPUTED')
            when 'DISPUTED' then new.status in ('COMPLETED', 'REFUNDED')
            when 'PAID_OUT' then new.status in ('DISPUTED', 'REFUNDED')
            else false
        end)
    then
        raise exception 'a transfer cannot go from % to %', old.status, new.status using errcode = '23514';
    end if;
    return new;
end
$$;

-- A meeting is moved only while its host is an active member here, checked before meetings_no_overlap looks at
-- the host's other meetings: else who has left could be asked, slot by slot, when they are busy elsewhere. For
-- whoever acts in a scope; the worker moves what it must.
create or replace function app.guard_meeting_time() returns trigger
language plpgsql set search_path = '' as $$
begin
    if (new.start_time, new.end_time) is distinct from (old.start_time, old.end_time)
        and app.current_actor_id() is not null and not app.is_active_member(new.workos_user_id)
    then
        raise exception 'the host is not an active member' using errcode = '42501';
    end if;
    return new;
end
$$;

revoke execute on function app.touch_updated_at(), app.guard_transfer_status(), app.guard_meeting_time() from public;
