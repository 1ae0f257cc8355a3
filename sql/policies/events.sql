-- What can be booked. Everyone in the organization sees all of its events; a host makes and changes their
-- own, and who may `events:manage` anyone's. The host of an event is fixed, and was an active member when
-- the event was made: nobody is made bookable where they do not work. An event is archived, never deleted.

alter table app.events enable row level security;
alter table app.events force row level security;

create policy wall on app.events as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- Asked of the row, so not wrapped in a sub-select: a host who was suspended is given no new work.
create policy host_is_active on app.events as restrictive for insert
to orgraph_manager, orgraph_member, orgraph_officer
with check (app.is_active_member(workos_user_id));

create policy select_colleague on app.events for select
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner
using (true);

create policy insert_manager on app.events for insert to orgraph_manager, orgraph_officer
with check (workos_user_id = (select app.current_user_id()) or (select app.may('events:manage')));
create policy update_manager on app.events for update to orgraph_manager, orgraph_officer
using (workos_user_id = (select app.current_user_id()) or (select app.may('events:manage')))
with check (workos_user_id = (select app.current_user_id()) or (select app.may('events:manage')));

create policy insert_host on app.events for insert to orgraph_member
with check (workos_user_id = (select app.current_user_id()));
create policy update_host on app.events for update to orgraph_member
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

create policy select_worker on app.events for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.events for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.events for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.events to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner;
grant insert (
        workos_user_id, name, slug, description, duration_in_minutes, is_active, position, price_cents, currency),
    update (
        name, slug, description, duration_in_minutes, is_active, position, price_cents, currency, archived_at)
on app.events to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.events to orgraph_worker;
grant update (
    name, slug, description, duration_in_minutes, is_active, position, price_cents, currency, stripe_product_id,
    stripe_price_id, archived_at, updated_at)
on app.events to orgraph_worker;

grant select on app.events to orgraph_backup;
