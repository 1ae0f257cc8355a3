-- rule: policy_for_public
-- A policy names the roles it is for: one for PUBLIC is also for the roles of tomorrow.
select p.name from policies p where 'public' = any (p.roles);

-- rule: policy_for_a_login
-- Policies are for the roles of requests, the definer and the worker: a login or the owner must see nothing by policy.
select p.name || ' ' || r from policies p cross join unnest(p.roles) r
where r not in (select name from request_roles) and r not in ('orgraph_definer', 'orgraph_worker', 'public');

-- rule: function_per_row
-- A function in a policy stands wholly inside (select …) with constant arguments, so that it runs once a statement and not once a row.
select p.name from policies p
where regexp_replace(
          p.seen || ' ' || p.written,
          'SELECT (app\.\w+|current_setting)\((''[^'']*''::[a-z ]+(, )?|true|false)*\)( AS \w+)?', '', 'g')
      ~ '(app\.\w+|current_setting)\s*\(';

-- rule: write_without_check
-- A policy for writing says WITH CHECK itself: what is left out is taken from USING, which was written for reading.
select p.name from policies p where p.command in ('*', 'a', 'w') and not p.has_check;

-- rule: write_always_allowed
-- A permissive policy that lets a request role write whatever it likes leans on the wall alone.
select p.name from policies p
where p.permissive and p.command in ('*', 'a', 'w', 'd')
  and (p.written = 'true' or (p.command = 'd' and p.seen = 'true'))
  and p.roles && array(select name from request_roles);

-- rule: several_permissive_policies
-- Permissive policies are joined with OR: with two for one role and command neither says what is allowed, and the planner loses the index.
select t.name || ' ' || r.rolname || ' ' || c.command from tables t
cross join pg_catalog.pg_roles r
cross join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) c (letter, command)
where r.rolname in (select name from request_roles union all values ('orgraph_worker'), ('orgraph_definer'))
  and (select count(*) from policies p
       where p.table_oid = t.oid and p.permissive and p.command in ('*', c.letter) and r.rolname = any (p.roles)) > 1;

-- rule: worker_without_reason
-- The worker sees and writes nothing until it has named a reason, so that a forgotten scope fails loudly.
select p.name from policies p
where p.permissive and 'orgraph_worker' = any (p.roles)
  and (   (p.command in ('*', 'r', 'w', 'd') and strpos(p.seen, '( SELECT app.reason() AS reason) IS NOT NULL') = 0)
       or (p.command in ('*', 'a', 'w') and p.has_check
           and strpos(p.written, '( SELECT app.reason() AS reason) IS NOT NULL') = 0));
