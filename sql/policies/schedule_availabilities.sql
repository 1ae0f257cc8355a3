-- The windows of a schedule, by day of the week. Whoever sees the schedule sees its windows; whoever may
-- change the schedule (its host, or who may `schedules:manage`) adds, changes and deletes them. They carry
-- no person of their own, so the policies ask the schedule, through its own policies.

alter table app.schedule_availabilities enable row level security;
alter table app.schedule_availabilities force row level security;

create policy wall on app.schedule_availabilities as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

create policy select_colleague on app.schedule_availabilities for select
to orgraph_manager, orgraph_member, orgraph_officer
using (true);

-- The caller's own schedule is one at most: it is found once for the statement, not once for the row.
create policy insert_manager on app.schedule_availabilities for insert to orgraph_manager, orgraph_officer
with check (
    (select app.may('schedules:manage'))
    or schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                      and s.workos_user_id = (select app.current_user_id())));
create policy update_manager on app.schedule_availabilities for update to orgraph_manager, orgraph_officer
using (
    (select app.may('schedules:manage'))
    or schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                      and s.workos_user_id = (select app.current_user_id())))
with check (
    (select app.may('schedules:manage'))
    or schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                      and s.workos_user_id = (select app.current_user_id())));
create policy delete_manager on app.schedule_availabilities for delete to orgraph_manager, orgraph_officer
using (
    (select app.may('schedules:manage'))
    or schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                      and s.workos_user_id = (select app.current_user_id())));

create policy insert_host on app.schedule_availabilities for insert to orgraph_member
with check (
    schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                   and s.workos_user_id = (select app.current_user_id())));
create policy update_host on app.schedule_availabilities for update to orgraph_member
using (
    schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                   and s.workos_user_id = (select app.current_user_id())))
with check (
    schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                   and s.workos_user_id = (select app.current_user_id())));
create policy delete_host on app.schedule_availabilities for delete to orgraph_member
using (
    schedule_id = (select s.id from app.schedules s where s.org_id = (select app.current_org_id())
                   and s.workos_user_id = (select app.current_user_id())));

create policy select_worker on app.schedule_availabilities for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.schedule_availabilities for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.schedule_availabilities for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);
create policy delete_worker on app.schedule_availabilities for delete to orgraph_worker
using ((select app.reason()) is not null);

grant select, delete on app.schedule_availabilities to orgraph_manager, orgraph_member, orgraph_officer;
grant insert (schedule_id, day_of_week, start_minute, end_minute), update (day_of_week, start_minute, end_minute)
on app.schedule_availabilities to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert, delete on app.schedule_availabilities to orgraph_worker;
grant update (day_of_week, start_minute, end_minute) on app.schedule_availabilities to orgraph_worker;

grant select on app.schedule_availabilities to orgraph_backup;
