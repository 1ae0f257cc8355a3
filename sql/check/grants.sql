-- rule: login_touches_a_table
-- The server's login holds no right on any table: what it may see depends on the role it enters.
select distinct g.name from grants g where g.holder = $1;

-- rule: public_grant
-- What is granted to PUBLIC is granted to every role that will ever exist.
select distinct g.name || ' ' || g.privilege from grants g where g.holder = 'public' and not g.is_partition;

-- rule: grant_option
-- Whoever may pass a right on decides about it: that is the policy file's to do.
select distinct g.name || ' ' || g.holder || ' ' || g.privilege from grants g where g.grantable;

-- rule: dangerous_privilege
-- TRUNCATE knows no policies, REFERENCES probes for values, TRIGGER runs code as others, MAINTAIN locks the table.
select distinct g.name || ' ' || g.holder || ' ' || g.privilege from grants g
where g.privilege in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN') and not g.is_partition;

-- rule: write_grant_without_columns
-- Requests are granted the columns they may write, by name: a new column is nobody's until a policy file says so.
select g.name || ' ' || g.holder || ' ' || g.privilege from grants g
where g.privilege in ('INSERT', 'UPDATE') and g.column_name is null and not g.is_partition
  and (g.holder in (select name from request_roles) or g.holder = 'orgraph_definer');

-- rule: deletable
-- Rows are archived, cancelled or expired: whatever may be deleted is named with its reason.
select distinct g.name from grants g where g.privilege = 'DELETE' and g.holder <> 'public' and not g.is_partition;

-- rule: trail_writable
-- The trail is written by the definer's functions, and changed by nobody.
select distinct g.name || ' ' || g.holder || ' ' || g.privilege from grants g
where g.name = 'app.audit_logs' and not g.is_partition
  and (g.privilege = 'UPDATE' or (g.privilege = 'INSERT' and g.holder <> 'orgraph_definer'));

-- rule: backup_writes
-- The backup bypasses row security, so it reads and does nothing else.
select distinct g.name || ' ' || g.privilege from grants g where g.holder = 'orgraph_backup' and g.privilege <> 'SELECT';
