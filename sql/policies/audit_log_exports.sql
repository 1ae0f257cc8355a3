-- Who took the trail out of the system, and why. Seen and asked for by who may `audit:view`, each in their
-- own name; what becomes of an export (its state, size, digest, place) is the worker's to write.

alter table app.audit_log_exports enable row level security;
alter table app.audit_log_exports force row level security;

create policy wall on app.audit_log_exports as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

create policy select_audit_view on app.audit_log_exports for select to orgraph_manager, orgraph_officer
using ((select app.may('audit:view')));
create policy insert_audit_view on app.audit_log_exports for insert to orgraph_manager, orgraph_officer
with check (workos_user_id = (select app.current_user_id()) and (select app.may('audit:view')));

create policy select_worker on app.audit_log_exports for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.audit_log_exports for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.audit_log_exports for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.audit_log_exports to orgraph_manager, orgraph_officer;
grant insert (workos_user_id, start_date, end_date, actions, resource_types, reason, format)
on app.audit_log_exports to orgraph_manager, orgraph_officer;

grant select, insert on app.audit_log_exports to orgraph_worker;
grant update (status, record_count, file_size, sha256, storage_key, expires_at)
on app.audit_log_exports to orgraph_worker;

grant select on app.audit_log_exports to orgraph_backup;
