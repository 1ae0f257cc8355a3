-- rule: trail_unguarded
-- Triggers that always fire keep the owner too from changing or emptying the trail, and each of its months.
select t.name from tables t
where (t.name = 'app.audit_logs'
       or exists (select from pg_catalog.pg_inherits i join tables parent on parent.oid = i.inhparent
                  where i.inhrelid = t.oid and parent.name = 'app.audit_logs'))
  and not (
      -- Bits of tgtype: row 1, before 2, delete 8, update 16, truncate 32.
      exists (select from pg_catalog.pg_trigger g where g.tgrelid = t.oid and g.tgenabled = 'A' and g.tgtype & 27 = 27)
      and exists (select from pg_catalog.pg_trigger g where g.tgrelid = t.oid and g.tgenabled = 'A' and g.tgtype & 34 = 34));

-- rule: trail_ends_soon
-- Two months of the trail are always made ahead: after the last one, rows pile up in the default partition. Run `orgraph db migrate`.
select 'app.audit_logs'
where (select count(*) from tables t
       where t.is_partition and t.relname ~ '^audit_logs_\d{4}_\d{2}$'
         and t.relname > 'audit_logs_' || to_char(now() at time zone 'UTC', 'YYYY_MM')) < 2;
