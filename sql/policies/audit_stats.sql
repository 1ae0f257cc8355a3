-- Counts of the trail per day. Read by who may `audit:view`, as the trail itself; counted by the worker.

alter table app.audit_stats enable row level security;
alter table app.audit_stats force row level security;

create policy wall on app.audit_stats as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

create policy select_audit_view on app.audit_stats for select to orgraph_manager, orgraph_officer
using ((select app.may('audit:view')));

create policy select_worker on app.audit_stats for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.audit_stats for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.audit_stats for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.audit_stats to orgraph_manager, orgraph_officer;

grant select, insert on app.audit_stats to orgraph_worker;
grant update (
    medical_record_access, appointment_events, payment_events, security_events, after_hours_access, mass_exports,
    suspicious_activity, updated_at)
on app.audit_stats to orgraph_worker;

grant select on app.audit_stats to orgraph_backup;
