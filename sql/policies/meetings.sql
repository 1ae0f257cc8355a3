-- Who meets whom, and when: personal data throughout. A host sees and writes their own meetings; who may
-- `appointments:view` sees everyone's, who may `appointments:manage` books and moves them for others; a
-- partner's key reads with `appointments:view`. Guests reach nothing here: theirs come through narrow
-- functions. Meetings are cancelled, never deleted. Stripe's ids and metadata are granted to nobody who
-- serves requests; guest_notes are health data: granted, and every read audited by the operation.

alter table app.meetings enable row level security;
alter table app.meetings force row level security;

create policy wall on app.meetings as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- Checked before meetings_no_overlap looks at the host's other meetings, in other organizations too: asked
-- about a stranger, it answers the same whether they are busy or free. Asked of the row, so not wrapped.
create policy host_is_active on app.meetings as restrictive for insert
to orgraph_manager, orgraph_member, orgraph_officer
with check (app.is_active_member(workos_user_id));

-- One policy a role: an `or` of the two would read a whole organization for a member's first page.
create policy select_manager on app.meetings for select to orgraph_manager
using ((select app.may('appointments:view')));
create policy select_host on app.meetings for select to orgraph_member, orgraph_officer
using (workos_user_id = (select app.current_user_id()));
create policy select_partner on app.meetings for select to orgraph_partner
using ((select app.may('appointments:view')));

create policy insert_manager on app.meetings for insert to orgraph_manager
with check (workos_user_id = (select app.current_user_id()) or (select app.may('appointments:manage')));
create policy update_manager on app.meetings for update to orgraph_manager
using (workos_user_id = (select app.current_user_id()) or (select app.may('appointments:manage')))
with check (workos_user_id = (select app.current_user_id()) or (select app.may('appointments:manage')));

create policy insert_host on app.meetings for insert to orgraph_member, orgraph_officer
with check (workos_user_id = (select app.current_user_id()));
create policy update_host on app.meetings for update to orgraph_member, orgraph_officer
using (workos_user_id = (select app.current_user_id()))
with check (workos_user_id = (select app.current_user_id()));

create policy select_worker on app.meetings for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.meetings for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.meetings for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

-- `on conflict on constraint meetings_no_overlap` would read every column (its range is an expression, so
-- Postgres asks for the whole row): a booking says `on conflict do nothing`, and no other unique key can be
-- met by the columns below.
grant select (
    org_id, id, event_id, workos_user_id, status, guest_email, guest_email_lower, guest_name, guest_notes,
    guest_timezone, guest_workos_user_id, guest_org_id, start_time, end_time, meeting_url, hold_expires_at,
    cancelled_at, cancelled_by, cancellation_reason, calendar_event_id, calendar_claimed_at, amount_cents,
    currency, platform_fee_cents, platform_fee_bps, stripe_payment_status, stripe_transfer_amount_cents,
    stripe_transfer_status, stripe_transfer_scheduled_at, created_at, updated_at)
on app.meetings to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner;
grant insert (
        event_id, workos_user_id, status, guest_email, guest_name, guest_notes, guest_timezone, start_time,
        end_time, amount_cents, currency, platform_fee_cents, platform_fee_bps),
    update (status, start_time, end_time, cancelled_at, cancelled_by, cancellation_reason, meeting_url)
on app.meetings to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.meetings to orgraph_worker;
grant update (
    status, guest_email, guest_name, guest_notes, guest_timezone, guest_workos_user_id, guest_org_id, start_time,
    end_time, meeting_url, hold_expires_at, cancelled_at, cancelled_by, cancellation_reason, calendar_event_id,
    calendar_claimed_at, amount_cents, currency, platform_fee_cents, platform_fee_bps, stripe_payment_intent_id,
    stripe_session_id, stripe_payment_status, stripe_application_fee_id, stripe_refund_id, stripe_metadata,
    stripe_transfer_id, stripe_transfer_amount_cents, stripe_transfer_status, stripe_transfer_scheduled_at,
    updated_at)
on app.meetings to orgraph_worker;

grant select on app.meetings to orgraph_backup;
