-- A partner's key opens a scope by its active row here and by nothing else. Only the entrance reads it and
-- only the mirror of WorkOS writes it: nobody who serves requests sees a key, not even its name.

alter table app.api_keys enable row level security;
alter table app.api_keys force row level security;

-- Behind the wall there is nothing yet: the wall stands before the first grant does.
create policy wall on app.api_keys as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

create policy select_definer on app.api_keys for select to orgraph_definer using (true);

-- The mirror of WorkOS. No key ever opens the platform: its trail would be the partner's to read.
create policy select_worker on app.api_keys for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.api_keys for insert to orgraph_worker
with check ((select app.reason()) is not null and org_id <> '00000000-0000-7000-8000-000000000000');
create policy update_worker on app.api_keys for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select (org_id, workos_api_key_id, permissions, status) on app.api_keys to orgraph_definer;

grant select, insert on app.api_keys to orgraph_worker;
grant update (name, permissions, status, workos_updated_at, updated_at) on app.api_keys to orgraph_worker;

grant select on app.api_keys to orgraph_backup;
