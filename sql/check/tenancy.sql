-- rule: organization_nullable
-- A row without an organization is behind nobody's wall.
select t.name from tables t
join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = t.organization
where not a.attnotnull;

-- rule: organization_by_hand
-- The organization and the id of a row are filled in by the database: a request that may name them may plant rows elsewhere.
select g.name || ' ' || g.holder || ' ' || g.column_name from grants g
join tables t on t.oid = g.oid and t.organization is not null
where g.privilege in ('INSERT', 'UPDATE') and g.column_name in ('org_id', 'id')
  and g.holder in (select name from request_roles);

-- rule: organization_without_default
-- Where requests insert, org_id is app.current_org_id() by default, since nobody else may say it.
select t.name from tables t
where t.organization is not null
  and exists (select from grants g where g.oid = t.oid and g.privilege = 'INSERT' and g.holder in (select name from request_roles))
  and not exists (
      select from pg_catalog.pg_attrdef d
      where d.adrelid = t.oid and d.adnum = t.organization
        and pg_get_expr(d.adbin, d.adrelid) = 'app.current_org_id()');

-- rule: unique_without_organization
-- A key that does not begin with org_id tells one organization that another has the value already.
select i.name from indexes i
where i.organization is not null and not i.is_partition and (i.indisunique or i.indisexclusion)
  and i.keys[1] <> i.organization;

-- rule: foreign_key_without_organization
-- A reference between tenant tables carries org_id, or a row of one organization can point at another's: integrity checks know no policies.
select k.name from foreign_keys k
where k.organization is not null and k.referenced_organization is not null
  and not exists (
      select from unnest(k.conkey, k.confkey) pair (here, there)
      where pair.here = k.organization and pair.there = k.referenced_organization);

-- rule: cascading_foreign_key
-- Deleting never reaches further than the row: a cascade also passes the policies of the table it reaches.
select k.name from foreign_keys k where k.confdeltype not in ('a', 'r') or k.confupdtype not in ('a', 'r');

-- rule: unindexed_foreign_key
-- Deleting or changing the referenced row reads the whole table unless an index begins with the reference.
select k.name from foreign_keys k
where not exists (
    select from indexes i
    where i.indrelid = k.conrelid and i.indisvalid
      and i.keys[1:least(cardinality(k.conkey), 2)] <@ k.conkey);
