-- How a host wants to be booked. Colleagues see it, since they book for each other; the host writes their
-- own, and who may `schedules:manage` anyone's. One row per host and organization, never deleted.

alter table app.scheduling_settings enable row level security;
alter table app.scheduling_settings force row level security;

create policy wall on app.scheduling_settings as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- Asked of the row, so not wrapped in a sub-select: a host who was suspended is given no new work.
create policy host_is_active on app.scheduling_settings as restrictive for insert
to orgraph_manager, orgraph_member, orgraph_officer
with check (app.is_active_member(workos_user_id));

create policy select_colleague on app.scheduling_settings for select
to orgraph_manager, orgraph_member, orgraph_officer
using (true);

create policy insert_manager on app.scheduling_settings for insert to orgraph_manager, orgraph_officer
with check (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')));
create policy update_manager on app.scheduling_settings for update to orgraph_manager, orgraph_officer
using (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')))
with check (workos_user_id = (select app.current_user_id()) or (select app.may('schedules:manage')));

create policy insert_host on app.scheduling_settings for insert to orgraph_member
with check (workos_user_id = (select app.current_user_id()));
create policy update_host on app.scheduling_settings for update to orgraph_member
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

create policy select_worker on app.scheduling_settings for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.scheduling_settings for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.scheduling_settings for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.scheduling_settings to orgraph_manager, orgraph_member, orgraph_officer;
grant insert (
        workos_user_id, before_event_buffer, after_event_buffer, minimum_notice, time_slot_interval,
        booking_window_days),
    update (before_event_buffer, after_event_buffer, minimum_notice, time_slot_interval, booking_window_days)
on app.scheduling_settings to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.scheduling_settings to orgraph_worker;
grant update (
    before_event_buffer, after_event_buffer, minimum_notice, time_slot_interval, booking_window_days, updated_at)
on app.scheduling_settings to orgraph_worker;

grant select on app.scheduling_settings to orgraph_backup;
