-- What each credential may still spend. Nobody reads or writes it but app.settle_budgets(), which the server calls
-- beside its requests: a name says nothing about whose bucket it is, and it is no organization's.

alter table app.budgets enable row level security;
alter table app.budgets force row level security;

create policy select_definer on app.budgets for select to orgraph_definer using (true);
create policy insert_definer on app.budgets for insert to orgraph_definer with check (true);
create policy update_definer on app.budgets for update to orgraph_definer using (true) with check (true);

-- Those that are full again are forgotten.
create policy delete_definer on app.budgets for delete to orgraph_definer using (true);

grant select, delete on app.budgets to orgraph_definer;
grant insert (name, remaining, counted_at), update (remaining, counted_at) on app.budgets to orgraph_definer;

grant select on app.budgets to orgraph_backup;
