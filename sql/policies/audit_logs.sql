-- The trail. Who may `audit:view` reads all of the organization's, everyone else what they did themselves.
-- Written by app.record_audit() and its sisters alone, which stamp actor, organization, address and time;
-- changed and deleted by nobody, which a trigger holds against the owner as well. What belongs to no
-- organization is under the platform's, whose member nobody is. Its months are tables of their own: walled
-- and granted to nobody, so that they are read through this one only.

alter table app.audit_logs enable row level security;
alter table app.audit_logs force row level security;

create policy wall on app.audit_logs as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- One policy a role, since an `or` reads a whole organization for a person's first page: a plain member pays no
-- such price, and of the others most see all. Who does not (a receptionist) still sees what they did themselves.
create policy select_audit_view on app.audit_logs for select to orgraph_partner
using ((select app.may('audit:view')));
create policy select_manager on app.audit_logs for select to orgraph_manager, orgraph_officer
using ((select app.may('audit:view')) or actor_id = (select app.current_user_id()));
create policy select_actor on app.audit_logs for select to orgraph_member
using (actor_id = (select app.current_user_id()));

-- The functions know the organization from the scope; a denial may also be the platform's.
create policy insert_definer on app.audit_logs for insert to orgraph_definer with check (true);

grant select on app.audit_logs to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner;

-- Neither id nor time: not even a mistake in a function can date a row back.
grant insert (
    org_id, target_org_id, actor_type, actor_id, impersonator_id, action, resource_type, resource_id, outcome,
    old_values, new_values, metadata, ip, user_agent, request_id, operation_name, document_id, org_seq, prev_hash,
    row_hash)
on app.audit_logs to orgraph_definer;

grant select on app.audit_logs to orgraph_backup;
