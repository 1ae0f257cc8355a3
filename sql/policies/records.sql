-- Clinical notes: health data. That a note exists is seen by its author and by who was granted
-- `records:read`, which no role holds by default, not even the owner. Its content is granted to nobody who
-- serves requests, and nobody writes or deletes a note through a request: reading and writing content comes
-- with its own functions, audited.

alter table app.records enable row level security;
alter table app.records force row level security;

create policy wall on app.records as restrictive
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (org_id = (select app.current_org_id()))
with check (org_id = (select app.current_org_id()));

-- An owner or admin who is a host is the author of some notes and may not read the others.
create policy select_manager on app.records for select to orgraph_manager, orgraph_officer
using (expert_id = (select app.current_user_id()) or (select app.may('records:read')));
create policy select_author on app.records for select to orgraph_member
using (expert_id = (select app.current_user_id()));

create policy select_worker on app.records for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.records for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.records for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select (org_id, id, meeting_id, expert_id, guest_email, version, last_modified_at, created_at)
on app.records to orgraph_manager, orgraph_member, orgraph_officer;

grant select, insert on app.records to orgraph_worker;
grant update (
    guest_email, encrypted_content, encrypted_metadata, key_id, content_sha256, version, last_modified_at,
    deleted_at)
on app.records to orgraph_worker;

grant select on app.records to orgraph_backup;
