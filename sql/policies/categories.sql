-- Fields of practice are the same for every organization and hold nothing about anyone: whoever gets as far
-- as a role may read them, signed in or not. They are changed by the worker only (seed, import, platform).

alter table app.categories enable row level security;
alter table app.categories force row level security;

create policy select_anyone on app.categories for select
to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest
using (true);

create policy select_worker on app.categories for select to orgraph_worker
using ((select app.reason()) is not null);
create policy insert_worker on app.categories for insert to orgraph_worker
with check ((select app.reason()) is not null);
create policy update_worker on app.categories for update to orgraph_worker
using ((select app.reason()) is not null)
with check ((select app.reason()) is not null);

grant select on app.categories to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner, orgraph_guest;

grant select, insert on app.categories to orgraph_worker;
grant update (parent_id, slug, name, description, image, updated_at) on app.categories to orgraph_worker;

grant select on app.categories to orgraph_backup;
