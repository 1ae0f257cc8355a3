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

revoke execute on function app.touch_updated_at(), app.guard_transfer_status() from public;
