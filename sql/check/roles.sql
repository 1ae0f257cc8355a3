-- rule: connected_above_row_security
-- Whoever is a superuser, bypasses row security, or is the owner or can become it, is shown every organization: nothing is served over such a connection.
select r.rolname from pg_catalog.pg_roles r
where r.rolname = session_user
  and (r.rolsuper or r.rolbypassrls
       or exists (select from pg_catalog.pg_roles o
                  where o.rolname in ('orgraph_owner', 'orgraph_definer')
                    and pg_has_role(r.oid, o.oid, 'MEMBER')));

-- rule: no_such_role
-- A role that the policies rely on is missing: run `orgraph db bootstrap`.
select each.name from (
    select name from request_roles
    union all values ('orgraph_owner'), ('orgraph_definer'), ('orgraph_worker'), ($1)) each
where not exists (select from pg_catalog.pg_roles r where r.rolname = each.name);

-- rule: role_too_powerful
-- No role of ours is a superuser, makes roles or databases, or replicates; the backup alone bypasses row security.
select r.rolname from pg_catalog.pg_roles r
where (r.rolname like 'orgraph\_%' or r.rolname = $1)
  and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication
       or (r.rolbypassrls and r.rolname <> 'orgraph_backup'));

-- rule: role_logs_in
-- Roles that are entered have no password and no way in: the door is the login and entrance.enter().
select r.rolname from pg_catalog.pg_roles r
where r.rolcanlogin
  and (r.rolname in (select name from request_roles) or r.rolname in ('orgraph_owner', 'orgraph_definer'));

-- rule: login_inherits
-- Code that forgets to enter a role gets 42501 and not data: the login has nobody's rights by inheritance.
select r.rolname from pg_catalog.pg_roles r where r.rolname = $1 and r.rolinherit
union all
select m.roleid::pg_catalog.regrole::text from pg_catalog.pg_auth_members m
join pg_catalog.pg_roles r on r.oid = m.member
where r.rolname = $1 and m.inherit_option;

-- rule: login_becomes_another
-- The login may become the roles of requests: no other, over no detour.
with recursive reach as (
    select m.roleid from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.member where r.rolname = $1
    union
    select m.roleid from pg_catalog.pg_auth_members m join reach on reach.roleid = m.member
)
select r.rolname from reach join pg_catalog.pg_roles r on r.oid = reach.roleid
where r.rolname not in (select name from request_roles);

-- rule: stranger_in_a_role
-- The owner is become by the migrator, the definer by the owner, a request's role by the server's login: by nobody else.
select r.rolname || ' ' || u.rolname from pg_catalog.pg_auth_members m
join pg_catalog.pg_roles r on r.oid = m.roleid
join pg_catalog.pg_roles u on u.oid = m.member
where (m.set_option or m.inherit_option) and not u.rolsuper
  and (r.rolname in (select name from request_roles)
       or r.rolname in ('orgraph_owner', 'orgraph_definer', 'orgraph_worker', 'orgraph_backup', 'orgraph_migrator'))
  and (r.rolname, u.rolname) not in (('orgraph_owner', 'orgraph_migrator'), ('orgraph_definer', 'orgraph_owner'))
  and not (u.rolname in ($1, 'orgraph_api') and r.rolname in (select name from request_roles))
  -- That the login must not become is login_becomes_another.
  and u.rolname <> $1;

-- rule: login_owns
-- Whoever owns an object may change it: the logins and the roles of requests own nothing.
select r.rolname || ' owns ' || pg_describe_object(d.classid, d.objid, 0) from pg_catalog.pg_shdepend d
join pg_catalog.pg_roles r on r.oid = d.refobjid
where d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass and d.deptype = 'o'
  and d.dbid in (0, (select b.oid from pg_catalog.pg_database b where b.datname = current_database()))
  -- Tables and functions of ours are owned_by_another.
  and not exists (select from relations x where x.oid = d.objid)
  and not exists (select from functions x where x.oid = d.objid)
  and (r.rolname in (select name from request_roles)
       or r.rolname in ($1, 'orgraph_api', 'orgraph_worker', 'orgraph_backup', 'orgraph_migrator'));

-- rule: login_waits_forever
-- The login's own limits hold when the server forgets to set any.
select $1 || ' ' || wanted.name from (values
    ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout'), ('transaction_timeout')) wanted (name)
where not exists (
    select from settings s where s.role = $1 and s.name = wanted.name and s.value !~ '^0($|[a-z ])');

-- rule: login_has_a_search_path
-- Nothing is found without its schema's name, so nothing can be put in its place.
select $1 where not exists (select from settings s where s.role = $1 and s.name = 'search_path' and s.value = '""');

-- rule: setting_opens_the_scope
-- A default for app.* gives every connection a scope that nobody entered; row_security = off turns hidden rows into errors.
select concat_ws(' ', nullif(s.role, ''), s.name) from settings s
where s.name like 'app.%' or (s.name = 'row_security' and s.value in ('off', 'false', 'no', '0'));

-- rule: database_open_to_all
-- Who may connect is named; nobody makes temporary tables, which could stand in for real ones.
select 'public ' || a.privilege_type from pg_catalog.pg_database d
cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
where d.datname = current_database() and a.grantee = 0
union all
select r.rolname || ' ' || a.privilege_type from pg_catalog.pg_database d
cross join aclexplode(d.datacl) a
join pg_catalog.pg_roles r on r.oid = a.grantee
where d.datname = current_database() and a.grantee <> d.datdba and a.privilege_type <> 'CONNECT';

-- rule: schema_open
-- Nobody but the owner makes anything in our schemas, and PUBLIC looks into none, the schema public included.
select n.nspname || ' ' || coalesce(r.rolname, 'public') || ' ' || a.privilege_type from pg_catalog.pg_namespace n
cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
left join pg_catalog.pg_roles r on r.oid = a.grantee
where n.nspname in ('app', 'entrance', 'migration', 'extensions', 'public') and a.grantee <> n.nspowner
  and (a.grantee = 0 or a.privilege_type = 'CREATE');

-- rule: login_looks_inside
-- The login sees the schema entrance and no other of ours.
select n.nspname from pg_catalog.pg_namespace n
cross join aclexplode(n.nspacl) a
join pg_catalog.pg_roles r on r.oid = a.grantee
where n.nspname in ('app', 'migration', 'extensions') and r.rolname = $1 and a.privilege_type = 'USAGE';
