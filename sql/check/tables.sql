-- rule: no_primary_key
-- Without a primary key a row cannot be named, replicated or corrected.
select t.name from tables t
where not t.is_partition and not exists (select from indexes i where i.indrelid = t.oid and i.indisprimary);

-- rule: duplicate_index
-- Two indexes that say the same are both paid for at every write.
select string_agg(i.name, ', ' order by i.name) from indexes i
group by i.indrelid, i.indkey::text, i.indclass::text, i.indoption::text, i.indcollation::text, i.indisexclusion,
         pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
having count(*) > 1;

-- rule: not_valid
-- An index or a constraint that is not valid was left half made.
select i.name from indexes i where not i.indisvalid
union all
select t.name || ' ' || k.conname from pg_catalog.pg_constraint k join tables t on t.oid = k.conrelid
where not k.convalidated;

-- rule: naive_timestamp
-- A time without a zone means another moment on every machine.
select t.name || '.' || a.attname from tables t
join pg_catalog.pg_attribute a on a.attrelid = t.oid and not a.attisdropped
where a.atttypid = 'timestamp'::pg_catalog.regtype;

-- rule: sequence
-- Numbers in a row tell everyone how many rows others have made.
select r.name from relations r where r.schema = 'app' and r.kind = 'S';

-- rule: enumerated_type
-- Comparing an enum is not leakproof, so no index helps it behind row security; and its values cannot be removed. Text with a check.
select n.nspname || '.' || y.typname from pg_catalog.pg_type y
join pg_catalog.pg_namespace n on n.oid = y.typnamespace
where n.nspname = 'app' and y.typtype = 'e';

-- rule: view_without_invoker
-- A view reads with its owner's eyes unless it says security_invoker; a materialized view and a foreign table know no policies at all.
select r.name from relations r
where r.schema in ('app', 'entrance')
  and (r.kind in ('m', 'f')
       or (r.kind = 'v' and not coalesce(r.options && array['security_invoker=true', 'security_invoker=on'], false)));

-- rule: owned_by_another
-- Tables and functions belong to the owner and the definer: whoever else owns one may drop its row security.
select r.name || ' ' || pg_get_userbyid(r.owner) from relations r
where r.kind in ('r', 'p', 'v', 'm', 'S', 'f') and pg_get_userbyid(r.owner) <> 'orgraph_owner'
union all
select f.name || ' ' || pg_get_userbyid(f.proowner) from functions f
where pg_get_userbyid(f.proowner) not in ('orgraph_owner', 'orgraph_definer');

-- rule: extension_in_reach
-- An extension's functions are executable by everyone: they live in a schema of their own.
select e.extname || ' in ' || n.nspname from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where n.nspname not in ('extensions', 'pg_catalog');
