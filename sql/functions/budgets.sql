-- What the workers of the server tell each other about who has spent how much.

set role orgraph_definer;

-- Adds what one worker has seen spent since it last told (less than nothing, where estimates were too high), restores
-- what time has restored, and answers what is left of each bucket. A bucket that nobody knows is full. One that was
-- overspent by several workers at once is in debt, but never by more than it holds.
-- In the order of the names, so that two workers do not wait for each other.
create or replace function app.settle_budgets(spent jsonb, most integer, restored integer)
returns table (name text, remaining double precision)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
begin
    return query
    insert into app.budgets as b (name, remaining, counted_at)
    select one.key, least(most, most - one.value::integer), clock_timestamp()
    from jsonb_each_text(spent) as one
    order by one.key
    on conflict on constraint budgets_pkey do update
    set remaining = greatest(-most, least(most,
            least(most, b.remaining + restored * greatest(0, extract(epoch from excluded.counted_at - b.counted_at)))
            - (spent ->> b.name)::integer)),
        counted_at = greatest(excluded.counted_at, b.counted_at)
    returning b.name, b.remaining;
end
$$;

-- Forgets the buckets that nobody has touched for so long: they are full, as is one that is not there. How many.
create or replace function app.forget_budgets(idle interval) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    forgotten integer;
begin
    delete from app.budgets
    where name in (
        select b.name from app.budgets b
        where b.counted_at < clock_timestamp() - idle limit 10000 for update skip locked);
    get diagnostics forgotten = row_count;
    return forgotten;
end
$$;

revoke execute on function app.settle_budgets(jsonb, integer, integer), app.forget_budgets(interval) from public;

-- The server settles as nobody in particular: the role that sees next to nothing.
grant execute on function app.settle_budgets(jsonb, integer, integer), app.forget_budgets(interval) to orgraph_guest;

set role orgraph_owner;
