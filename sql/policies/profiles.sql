-- How a host presents themselves. Colleagues see every profile of their organization, partners the published
-- ones; the agreement (when, which version, from which address) is granted to nobody. A host writes their
-- own words, who may `profiles:manage` anyone's. Whether a profile is published, verified, a top expert or
-- first in the list is never the writer's to say: those columns are the worker's.

alter table app.profiles enable row level security;
alter table app.profiles force row level security;

create policy wall on app.profiles as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- Asked of the row, so not wrapped in a sub-select: a host who was suspended is not presented anew.
create policy host_is_active on app.profiles as restrictive for insert
to orgraph_manager, orgraph_member, orgraph_officer
with check (app.is_active_member(workos_user_id));

create policy select_colleague on app.profiles for select
to orgraph_manager, orgraph_member, orgraph_officer
using (true);
create policy select_partner on app.profiles for select to orgraph_partner
using (published);

create policy insert_manager on app.profiles for insert to orgraph_manager, orgraph_officer
with check (workos_user_id = (select app.current_user_id()) or (select app.may('profiles:manage')));
create policy update_manager on app.profiles for update to orgraph_manager, orgraph_officer
using (workos_user_id = (select app.current_user_id()) or (select app.may('profiles:manage')))
with check (workos_user_id = (select app.current_user_id()) or (select app.may('profiles:manage')));

create policy insert_host on app.profiles for insert to orgraph_member
with check (workos_user_id = (select app.current_user_id()));
create policy update_host on app.profiles for update to orgraph_member
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

create policy select_worker on app.profiles for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.profiles for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.profiles for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select (
    org_id, id, workos_user_id, profile_picture, first_name, last_name, headline, short_bio, long_bio,
    primary_category_id, secondary_category_id, social_links, is_verified, is_top_expert, published, published_at,
    position, created_at, updated_at)
on app.profiles to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner;
grant insert (
        workos_user_id, profile_picture, first_name, last_name, headline, short_bio, long_bio, primary_category_id,
        secondary_category_id, social_links),
    update (
        profile_picture, first_name, last_name, headline, short_bio, long_bio, primary_category_id,
        secondary_category_id, social_links)
on app.profiles to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.profiles to orgraph_worker;
grant update (
    profile_picture, first_name, last_name, headline, short_bio, long_bio, primary_category_id,
    secondary_category_id, social_links, is_verified, is_top_expert, published, published_at,
    practitioner_agreement_accepted_at, practitioner_agreement_version, practitioner_agreement_ip_address,
    practitioner_agreement_metadata, position, updated_at)
on app.profiles to orgraph_worker;

grant select on app.profiles to orgraph_backup;
