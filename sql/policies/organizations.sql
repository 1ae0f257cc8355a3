-- An organization is seen by its active members and by its partners' keys, whichever organization the
-- scope has, so that a person can choose between theirs; a deleted one by nobody, and the platform's own
-- (which holds the trail of what has no organization) never. Its settings are changed by who may
-- `organization:manage`, from inside. Subscription and Stripe columns are granted to nobody who serves
-- requests. Rows come from WorkOS, through the worker.

alter table app.organizations enable row level security;
alter table app.organizations force row level security;

-- Mine (read from the membership rows, in this statement) and, for a partner's key, the scope's.
create policy wall on app.organizations as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (
    deleted_at is null and type <> 'platform'
    and id = any (array(
        select m.org_id from app.user_org_memberships m
        where m.workos_user_id = (select app.current_user_id()) and m.status = 'active'
        union all
        select app.current_org_id())))
with check (id = (select app.current_org_id()));

create policy select_mine on app.organizations for select
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (true);

-- The permission decides and not the breadth of sight: whoever holds it may, the organization of the scope only.
create policy update_organization_manage on app.organizations for update
to orgraph_manager, orgraph_member, orgraph_officer
using (id = (select app.current_org_id()) and (select app.may('organization:manage')))
with check (id = (select app.current_org_id()) and (select app.may('organization:manage')));

-- The entrance turns the claimed WorkOS organization into ours.
create policy select_definer on app.organizations for select to orgraph_definer using (true);

-- The mirror of WorkOS and the import. The platform's row is the migration's.
create policy select_worker on app.organizations for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.organizations for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.organizations for update to orgraph_worker
using ((select app.reason()) is not null and id <> '00000000-0000-7000-8000-000000000000')
with check ((select app.reason()) is not null);

grant select (
    id, workos_org_id, external_id, slug, name, type, timezone, metadata, billing_email, created_at, updated_at,
    deleted_at)
on app.organizations to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;
grant update (name, billing_email, metadata, timezone)
on app.organizations to orgraph_manager, orgraph_member, orgraph_officer;

grant select (id, workos_org_id, deleted_at) on app.organizations to orgraph_definer;

-- The worker names ids and dates itself: what it writes comes from elsewhere.
grant select, insert on app.organizations to orgraph_worker;
grant update (
    workos_org_id, external_id, slug, name, type, timezone, metadata, billing_email, subscription_tier,
    subscription_status, stripe_subscription_id, workos_updated_at, updated_at, deleted_at)
on app.organizations to orgraph_worker;

grant select on app.organizations to orgraph_backup;
