-- Money owed to a host. A host sees their own transfers, who may `payments:view` everyone's, without seeing
-- anyone's meetings for that. Written by the worker alone, on Stripe's word.

alter table app.payment_transfers enable row level security;
alter table app.payment_transfers force row level security;

create policy wall on app.payment_transfers as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- One policy a role, since an `or` reads a whole organization for a host's first page: a plain member pays no
-- such price, and of the others most see all. Who does not (a receptionist) still sees their own.
create policy select_manager on app.payment_transfers for select to orgraph_manager, orgraph_officer
using ((select app.may('payments:view')) or expert_workos_user_id = (select app.current_user_id()));
create policy select_host on app.payment_transfers for select to orgraph_member
using (expert_workos_user_id = (select app.current_user_id()));

create policy select_worker on app.payment_transfers for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.payment_transfers for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.payment_transfers for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.payment_transfers to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.payment_transfers to orgraph_worker;
grant update (
    meeting_id, expert_connect_account_id, checkout_session_id, amount_cents, platform_fee_cents,
    session_start_time, scheduled_transfer_time, status, transfer_id, payout_id, stripe_error_code,
    stripe_error_message, retry_count, requires_approval, admin_user_id, admin_notes, notified_at, updated_at)
on app.payment_transfers to orgraph_worker;

grant select on app.payment_transfers to orgraph_backup;
