-- The words that the rules are written in. Each rule is a query of one text column, the object at fault;
-- `$1` is the role that the server logs in as. All read the catalog only, which every role may.

relations as (
    select c.oid, n.nspname || '.' || c.relname as name, n.nspname as schema, c.relname, c.relkind as kind,
           c.relispartition as is_partition, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
           c.relowner as owner, c.relacl as acl, c.reloptions as options
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('app', 'entrance', 'migration')
),
-- `organization` is the number of the column org_id; null where a table belongs to no organization.
tables as (
    select r.*, a.attnum as organization
    from relations r
    left join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attname = 'org_id' and not a.attisdropped
    where r.schema = 'app' and r.kind in ('r', 'p')
),
-- Conditions as Postgres prints them; the check of the whole catalog sets an empty search_path, so that names are full.
policies as (
    select p.oid, p.polrelid as table_oid, t.name as table_name, t.organization, t.name || ' ' || p.polname as name,
           p.polpermissive as permissive, p.polcmd as command, p.polwithcheck is not null as has_check,
           array(select coalesce(r.rolname, 'public') from unnest(p.polroles) each
                 left join pg_catalog.pg_roles r on r.oid = each)::text[] as roles,
           coalesce(pg_get_expr(p.polqual, p.polrelid), '') as seen,
           coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as written
    from pg_catalog.pg_policy p
    join tables t on t.oid = p.polrelid
),
functions as (
    select p.*, n.nspname as schema, p.oid::pg_catalog.regprocedure::text as name
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('app', 'entrance')
),
request_roles as (
    select unnest(array[
        'orgraph_manager', 'orgraph_member', 'orgraph_officer', 'orgraph_partner', 'orgraph_guest']) as name
),
-- Rights on tables and on their columns, of everyone but the owner.
grants as (
    select r.oid, r.name, r.schema, r.is_partition, null::text as column_name, coalesce(g.rolname, 'public')::text as holder,
           a.privilege_type as privilege, a.is_grantable as grantable
    from relations r
    cross join aclexplode(r.acl) a
    left join pg_catalog.pg_roles g on g.oid = a.grantee
    where a.grantee <> r.owner
    union all
    select r.oid, r.name, r.schema, r.is_partition, t.attname::text, coalesce(g.rolname, 'public')::text,
           a.privilege_type, a.is_grantable
    from relations r
    join pg_catalog.pg_attribute t on t.attrelid = r.oid and t.attacl is not null and not t.attisdropped
    cross join aclexplode(t.attacl) a
    left join pg_catalog.pg_roles g on g.oid = a.grantee
    where a.grantee <> r.owner
),
indexes as (
    select i.*, t.name || ' ' || c.relname as name, t.organization, t.is_partition,
           (i.indkey::smallint[])[0:i.indnkeyatts - 1] as keys
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join tables t on t.oid = i.indrelid
),
foreign_keys as (
    select k.*, t.name || ' ' || k.conname as name, t.organization, f.organization as referenced_organization
    from pg_catalog.pg_constraint k
    join tables t on t.oid = k.conrelid
    join tables f on f.oid = k.confrelid
    where k.contype = 'f' and k.conparentid = 0
),
settings as (
    select coalesce(r.rolname, '')::text as role, split_part(each, '=', 1) as name,
           substr(each, strpos(each, '=') + 1) as value
    from pg_catalog.pg_db_role_setting s
    left join pg_catalog.pg_roles r on r.oid = s.setrole
    cross join unnest(s.setconfig) each
    where s.setdatabase = 0
       or s.setdatabase = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
)
