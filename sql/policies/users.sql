-- A person is seen by themselves and by whoever shares the scope's organization with them, now or in the
-- past: an old colleague keeps a name and a face on what they did. Public columns only: what else we know
-- of a person (bank, Stripe, country) is read through app.my_account() by that person alone. They change
-- their own country and language; everything else comes from WorkOS and Stripe, through the worker.
-- The table belongs to no organization, so each policy below is its own wall.

alter table app.users enable row level security;
alter table app.users force row level security;

-- The membership is looked up per person by its key, and through its own policies: nothing is seen here
-- that is not seen there.
create policy select_colleague on app.users for select
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner
using (
    workos_user_id = (select app.current_user_id())
    or exists (
        select from app.user_org_memberships m
        where m.org_id = (select app.current_org_id()) and m.workos_user_id = users.workos_user_id));

-- Signed in, in no organization yet: oneself.
create policy select_self on app.users for select to orgraph_guest
using (workos_user_id = (select app.current_user_id()));

create policy update_self on app.users for update
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_guest
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

-- app.my_account() answers a person's private columns to that person.
create policy select_definer on app.users for select to orgraph_definer using (true);

-- The mirror of WorkOS, the import, Stripe's webhooks.
create policy select_worker on app.users for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.users for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.users for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select (id, workos_user_id, email, first_name, last_name, image_url, username, created_at)
on app.users to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;
grant update (country, locale) on app.users to orgraph_manager, orgraph_member, orgraph_officer, orgraph_guest;

grant select (
    workos_user_id, country, locale, stripe_customer_id, stripe_connect_account_id,
    stripe_connect_onboarding_complete, stripe_bank_account_last4, stripe_bank_name, stripe_identity_verified,
    onboarding_completed_at)
on app.users to orgraph_definer;

grant select, insert on app.users to orgraph_worker;
grant update (
    workos_user_id, email, first_name, last_name, image_url, username, platform_role, country, locale,
    stripe_customer_id, stripe_connect_account_id, stripe_connect_details_submitted,
    stripe_connect_charges_enabled, stripe_connect_payouts_enabled, stripe_connect_onboarding_complete,
    stripe_bank_account_last4, stripe_bank_name, stripe_identity_verification_id, stripe_identity_verified,
    stripe_identity_verification_status, stripe_identity_verification_last_checked, welcome_email_sent_at,
    onboarding_completed_at, workos_updated_at, updated_at, deleted_at)
on app.users to orgraph_worker;

grant select on app.users to orgraph_backup;
