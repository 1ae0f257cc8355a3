-- What a person may read of themselves and nobody else may read of them.

set role orgraph_definer;

-- The caller's own account: the columns of app.users that colleagues are not granted. Null for who is not a person.
create or replace function app.my_account() returns jsonb
language sql stable security definer set search_path = '' as $$
    select jsonb_build_object(
        'country', u.country,
        'locale', u.locale,
        'stripe_customer_id', u.stripe_customer_id,
        'stripe_connect_account_id', u.stripe_connect_account_id,
        'stripe_connect_onboarding_complete', u.stripe_connect_onboarding_complete,
        'stripe_bank_account_last4', u.stripe_bank_account_last4,
        'stripe_bank_name', u.stripe_bank_name,
        'stripe_identity_verified', u.stripe_identity_verified,
        'onboarding_completed_at', u.onboarding_completed_at)
    from app.users u
    where u.workos_user_id = nullif(current_setting('app.user_id', true), '')
$$;

revoke execute on function app.my_account() from public;
grant execute on function app.my_account() to orgraph_manager, orgraph_member, orgraph_officer, orgraph_guest;

set role orgraph_owner;
