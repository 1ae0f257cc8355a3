-- rule: search_path_not_pinned
-- A function that looks names up in the caller's search_path can be given other tables than it was written for.
select f.name from functions f where not coalesce('search_path=""' = any (f.proconfig), false);

-- rule: executable_by_public
-- A function is executed by the roles it was granted to, and by nobody else.
select f.name from functions f where has_function_privilege('public', f.oid, 'execute');

-- rule: definer_rights_of_another
-- SECURITY DEFINER is for the definer's functions: it sees what its own policies show it, where the owner would see too much or nothing.
select f.name from functions f
where f.prosecdef and pg_get_userbyid(f.proowner) = 'orgraph_owner';

-- rule: unsafe_in_a_policy
-- A function that policies call is stable and parallel safe, or every query that meets it is slow.
select distinct f.name from policies p
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
    and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
join functions f on f.oid = d.refobjid
where f.provolatile = 'v' or f.proparallel <> 's';

-- rule: public_by_default
-- New functions of the owner and the definer are nobody's until they are granted: Postgres would give them to everyone.
select o.name from (values ('orgraph_owner'), ('orgraph_definer')) o (name)
where not exists (
    select from pg_catalog.pg_default_acl d
    where pg_get_userbyid(d.defaclrole) = o.name and d.defaclnamespace = 0 and d.defaclobjtype = 'f'
      and not exists (select from aclexplode(d.defaclacl) a where a.grantee = 0));

-- rule: login_executes_more
-- The server's login opens the door and does nothing else before it has a role.
select f.name from functions f cross join aclexplode(f.proacl) a
join pg_catalog.pg_roles r on r.oid = a.grantee
where r.rolname = $1 and f.name <> 'entrance.enter()';

-- rule: login_cannot_enter
-- Without entrance.enter() no operation finds its role.
select 'entrance.enter()'
where not exists (
    select from functions f join pg_catalog.pg_roles r on r.rolname = $1
    where f.name = 'entrance.enter()' and has_function_privilege(r.oid, f.oid, 'execute'));

-- rule: large_objects
-- Large objects know no policies, and one role serves every organization: bootstrap takes the functions that store and read them from everyone. What it could not take, on a managed Postgres, it says itself.
select p.oid::pg_catalog.regprocedure || ' ' || coalesce(r.rolname, 'public') from pg_catalog.pg_proc p
cross join aclexplode(p.proacl) a
left join pg_catalog.pg_roles r on r.oid = a.grantee
where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
  and (starts_with(p.proname, 'lo_') or p.proname in ('loread', 'lowrite'))
  and a.grantee <> p.proowner and (a.grantee = 0 or r.rolname = $1 or starts_with(r.rolname, 'orgraph_'));
