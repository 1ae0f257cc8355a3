-- The working hours of a host, as a frame: one per host and organization, its windows in
-- schedule_availabilities. Colleagues see it, since they book for each other; the host writes their own, and
-- who may `schedules:manage` anyone's. A schedule stays, its windows come and go.

alter table app.schedules enable row level security;
alter table app.schedules force row level security;

create policy wall on app.schedules as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- Asked of the row, so not wrapped in a sub-select: a host who was suspended is given no new work.
create policy host_is_active on app.schedules as restrictive for insert
to orgraph_manager, orgraph_member, orgraph_officer
with check (app.is_active_member(workos_user_id));

create policy select_colleague on app.schedules for select
to orgraph_manager, orgraph_member, orgraph_officer
using (true);

create policy insert_manager on app.schedules for insert to orgraph_manager, orgraph_officer
with check (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')));
create policy update_manager on app.schedules for update to orgraph_manager, orgraph_officer
using (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')))
with check (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')));

create policy insert_host on app.schedules for insert to orgraph_member
with check (workos_user_id = (select app.current_user_id()));
create policy update_host on app.schedules for update to orgraph_member
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

create policy select_worker on app.schedules for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.schedules for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.schedules for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.schedules to orgraph_manager, orgraph_member, orgraph_officer;
grant insert (workos_user_id, timezone), update (timezone)
on app.schedules to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.schedules to orgraph_worker;
grant update (timezone, updated_at) on app.schedules to orgraph_worker;

grant select on app.schedules to orgraph_backup;
