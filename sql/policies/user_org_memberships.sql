-- Who belongs where, and as what: every right is read from this table. The members of an organization see
-- each other's memberships, former ones too; a person sees besides their own active ones elsewhere, with or
-- without an organization in scope, since that is what they choose from. Nobody who serves requests writes
-- here: WorkOS is the source, the worker the only hand.

alter table app.user_org_memberships enable row level security;
alter table app.user_org_memberships force row level security;

create policy wall on app.user_org_memberships as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (
    org_id = (select app.current_org_id())
    or (workos_user_id = (select app.current_user_id()) and status = 'active'))
with check (org_id = (select app.current_org_id()));

create policy select_colleague on app.user_org_memberships for select
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (true);

-- The entrance and the words of the policies (app.current_org_id() …) read it for everyone.
create policy select_definer on app.user_org_memberships for select to orgraph_definer using (true);

-- The mirror of WorkOS. Nobody is ever made a member of the platform: its trail would be theirs to read.
create policy select_worker on app.user_org_memberships for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.user_org_memberships for insert to orgraph_worker
with check ((select app.reason()) is not null and org_id <> '00000000-0000-7000-8000-000000000000');
create policy update_worker on app.user_org_memberships for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.user_org_memberships
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;

grant select (org_id, workos_user_id, role, permissions, status) on app.user_org_memberships to orgraph_definer;

grant select, insert on app.user_org_memberships to orgraph_worker;
-- A membership is of one person in one organization, for good: neither can be changed.
grant update (
    workos_org_membership_id, role, permissions, status, joined_at, invited_at, invited_by, workos_updated_at,
    updated_at)
on app.user_org_memberships to orgraph_worker;

grant select on app.user_org_memberships to orgraph_backup;
