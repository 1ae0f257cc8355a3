-- rule: row_security_disabled
-- A table without row security shows every organization's rows to whoever holds a grant.
select t.name from tables t
where not t.enabled and not exists (select from policies p where p.table_oid = t.oid);

-- rule: policies_not_enforced
-- Policies of a table whose row security is disabled are read by people and ignored by Postgres.
select t.name from tables t
where not t.enabled and exists (select from policies p where p.table_oid = t.oid);

-- rule: row_security_not_forced
-- Without FORCE the owner of the table, and a function that runs as the owner, sees every row.
select t.name from tables t where t.enabled and not t.forced;

-- rule: no_policies
-- Row security without a policy hides the table from everyone: its policy file is missing or was not applied.
select t.name from tables t
where t.enabled and not t.is_partition and not exists (select from policies p where p.table_oid = t.oid);

-- rule: no_wall
-- Every role that serves requests meets a restrictive policy for all commands on every tenant table: other policies widen, a wall cannot be widened.
select t.name || ' ' || r.name from tables t cross join request_roles r
where t.organization is not null and not t.is_partition and t.enabled
  and exists (select from policies p where p.table_oid = t.oid)
  and not exists (
      select from policies p
      where p.table_oid = t.oid and not p.permissive and p.command = '*' and r.name = any (p.roles)
        and strpos(p.seen, 'org_id = ( SELECT app.current_org_id() AS current_org_id)') > 0
        and strpos(p.written, 'org_id = ( SELECT app.current_org_id() AS current_org_id)') > 0);

-- rule: wall_with_a_door
-- The wall says `org_id is the scope's organization` and nothing else: what is added with `or` is seen across organizations.
select p.name from policies p
where not p.permissive and p.command = '*' and p.organization is not null
  and strpos(p.seen, 'org_id = ( SELECT app.current_org_id() AS current_org_id)') > 0
  and strpos(p.written, 'org_id = ( SELECT app.current_org_id() AS current_org_id)') > 0
  and not (p.seen = '(org_id = ( SELECT app.current_org_id() AS current_org_id))' and p.written = p.seen);

-- rule: partition_granted
-- A grant on a partition reads it past the policies of its parent.
select distinct g.name || ' ' || g.holder from grants g where g.is_partition;
