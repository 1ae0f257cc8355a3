-- What a retried mutation answered the first time. Each actor sees and writes their own keys, in the
-- organization of the scope: another person's key of the same name is another key. A key is kept 48 hours,
-- then its actor's next mutation, or the worker, may delete it. Partners write nothing yet, so they keep none.

alter table app.idempotency_keys enable row level security;
alter table app.idempotency_keys force row level security;

create policy wall on app.idempotency_keys as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- `insert … on conflict do nothing` reads the row it met: select and insert say the same.
create policy select_actor on app.idempotency_keys for select to orgraph_manager, orgraph_member, orgraph_officer
using (actor_id = (select app.current_actor_id()));
create policy insert_actor on app.idempotency_keys for insert to orgraph_manager, orgraph_member, orgraph_officer
with check (actor_id = (select app.current_actor_id()));
create policy update_actor on app.idempotency_keys for update to orgraph_manager, orgraph_member, orgraph_officer
using (actor_id = (select app.current_actor_id()))
with check (actor_id = (select app.current_actor_id()));
create policy delete_expired on app.idempotency_keys for delete to orgraph_manager, orgraph_member, orgraph_officer
using (actor_id = (select app.current_actor_id()) and created_at < now() - interval '48 hours');

create policy select_worker on app.idempotency_keys for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.idempotency_keys for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.idempotency_keys for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);
create policy delete_worker on app.idempotency_keys for delete to orgraph_worker
using ((select app.reason()) is not null);

grant select, delete on app.idempotency_keys to orgraph_manager, orgraph_member, orgraph_officer;
grant insert (mutation, key, request_hash, result), update (result)
on app.idempotency_keys to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert, delete on app.idempotency_keys to orgraph_worker;
grant update (result) on app.idempotency_keys to orgraph_worker;

grant select on app.idempotency_keys to orgraph_backup;
