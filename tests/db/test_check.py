"""The check of the catalog: silent about the true schema, and each rule finds what breaks it, alone."""

from __future__ import annotations

import time

import asyncpg
import pytest

from db import check as module
from db.check import Finding, check, exceptions, rules
from db.embedded import Cluster
from tests.db.conftest import Admin

# Rule → what breaks it, and the object that must be named. Run as the superuser and rolled back.
BROKEN = {
    "row_security_disabled": (
        "set role orgraph_owner; create table app.rooms (id uuid primary key); reset role",
        "app.rooms",
    ),
    "policies_not_enforced": ("alter table app.meetings disable row level security", "app.meetings"),
    "row_security_not_forced": ("alter table app.meetings no force row level security", "app.meetings"),
    "no_policies": (
        (
            "set role orgraph_owner; create table app.rooms (id uuid primary key); "
            "alter table app.rooms enable row level security; alter table app.rooms force row level security; "
            "reset role"
        ),
        "app.rooms",
    ),
    "no_wall": (
        "alter policy wall on app.meetings to orgraph_manager, orgraph_member, orgraph_officer, orgraph_partner",
        "app.meetings orgraph_guest",
    ),
    "wall_with_a_door": (
        (
            "alter policy wall on app.meetings using "
            "(org_id = (select app.current_org_id()) or guest_org_id = (select app.current_org_id()))"
        ),
        "app.meetings wall",
    ),
    "partition_granted": (
        "grant select on app.audit_logs_default to orgraph_manager",
        "app.audit_logs_default orgraph_manager",
    ),
    "policy_for_public": (
        "create policy everyone on app.categories for select to public using (true)",
        "app.categories everyone",
    ),
    "policy_for_a_login": (
        "create policy login on app.categories for select to orgraph_api using (true)",
        "app.categories login orgraph_api",
    ),
    "function_per_row": (
        "alter policy select_host on app.meetings using (workos_user_id = app.current_user_id())",
        "app.meetings select_host",
    ),
    "write_without_check": (
        (
            "drop policy update_host on app.meetings; create policy update_host on app.meetings for update "
            "to orgraph_member, orgraph_officer using (workos_user_id = (select app.current_user_id()))"
        ),
        "app.meetings update_host",
    ),
    "write_always_allowed": (
        "alter policy insert_host on app.meetings with check (true)",
        "app.meetings insert_host",
    ),
    "several_permissive_policies": (
        "create policy second on app.meetings for select to orgraph_member using (false)",
        "app.meetings orgraph_member select",
    ),
    "worker_without_reason": (
        "alter policy select_worker on app.meetings using (true)",
        "app.meetings select_worker",
    ),
    "organization_by_hand": (
        "grant insert (org_id) on app.meetings to orgraph_manager",
        "app.meetings orgraph_manager org_id",
    ),
    "organization_without_default": ("alter table app.events alter org_id drop default", "app.events"),
    "unique_without_organization": (
        "create unique index spoken_key on app.meetings (calendar_event_id)",
        "app.meetings spoken_key",
    ),
    "foreign_key_without_organization": (
        (
            "create index on app.meetings (guest_org_id, event_id); alter table app.meetings add constraint astray "
            "foreign key (guest_org_id, event_id) references app.events (org_id, id)"
        ),
        "app.meetings astray",
    ),
    "cascading_foreign_key": (
        (
            "alter table app.categories drop constraint categories_parent_fkey, add constraint categories_parent_fkey "
            "foreign key (parent_id) references app.categories (id) on delete cascade"
        ),
        "app.categories categories_parent_fkey",
    ),
    "unindexed_foreign_key": ("drop index app.categories_parent_idx", "app.categories categories_parent_fkey"),
    "no_primary_key": ("alter table app.audit_stats drop constraint audit_stats_pkey", "app.audit_stats"),
    "duplicate_index": (
        "create index twin on app.categories (parent_id)",
        "app.categories categories_parent_idx, app.categories twin",
    ),
    "not_valid": ("alter table app.meetings add constraint half check (true) not valid", "app.meetings half"),
    "naive_timestamp": ("alter table app.categories add column at timestamp", "app.categories.at"),
    "sequence": ("set role orgraph_owner; create sequence app.numbers; reset role", "app.numbers"),
    "enumerated_type": ("create type app.mood as enum ('calm')", "app.mood"),
    "view_without_invoker": (
        "set role orgraph_owner; create view app.all_meetings as select id from app.meetings; reset role",
        "app.all_meetings",
    ),
    "owned_by_another": ("alter table app.categories owner to postgres", "app.categories postgres"),
    "extension_in_reach": ("alter extension btree_gist set schema public", "btree_gist in public"),
    "search_path_not_pinned": ("alter function app.touch_updated_at() reset search_path", "app.touch_updated_at()"),
    "executable_by_public": ("grant execute on function app.reason() to public", "app.reason()"),
    "definer_rights_of_another": (
        "alter function app.touch_updated_at() security definer",
        "app.touch_updated_at()",
    ),
    "unsafe_in_a_policy": ("alter function app.may(text) volatile", "app.may(text)"),
    "public_by_default": (
        "alter default privileges for role orgraph_owner grant execute on functions to public",
        "orgraph_owner",
    ),
    "login_executes_more": ("grant execute on function app.reason() to orgraph_api", "app.reason()"),
    "login_cannot_enter": ("revoke execute on function entrance.enter() from orgraph_api", "entrance.enter()"),
    "large_objects": (
        "grant execute on function pg_catalog.lo_from_bytea(oid, bytea) to public",
        "lo_from_bytea(oid,bytea) public",
    ),
    "role_too_powerful": ("alter role orgraph_worker createdb", "orgraph_worker"),
    "role_logs_in": ("alter role orgraph_member login", "orgraph_member"),
    "login_inherits": ("alter role orgraph_api inherit", "orgraph_api"),
    "login_becomes_another": (
        "grant orgraph_worker to orgraph_api with inherit false, set true",
        "orgraph_worker",
    ),
    "stranger_in_a_role": (
        "create role stranger; grant orgraph_owner to stranger with inherit false",
        "orgraph_owner stranger",
    ),
    "login_owns": (
        "create schema workshop authorization orgraph_worker",
        "orgraph_worker owns schema workshop",
    ),
    "login_waits_forever": ("alter role orgraph_api reset lock_timeout", "orgraph_api lock_timeout"),
    "login_has_a_search_path": ("alter role orgraph_api set search_path = app", "orgraph_api"),
    "setting_opens_the_scope": (
        "alter role orgraph_api set app.user_id = 'user_alice'",
        "orgraph_api app.user_id",
    ),
    "database_open_to_all": ("grant temporary on database orgraph to public", "public TEMPORARY"),
    "schema_open": ("grant create on schema app to orgraph_worker", "app orgraph_worker CREATE"),
    "login_looks_inside": ("grant usage on schema app to orgraph_api", "app"),
    "login_touches_a_table": ("grant select (id) on app.categories to orgraph_api", "app.categories"),
    "public_grant": ("grant select on app.categories to public", "app.categories SELECT"),
    "grant_option": (
        "grant select on app.categories to orgraph_worker with grant option",
        "app.categories orgraph_worker SELECT",
    ),
    "dangerous_privilege": (
        "grant trigger on app.categories to orgraph_worker",
        "app.categories orgraph_worker TRIGGER",
    ),
    "write_grant_without_columns": (
        "grant update on app.events to orgraph_manager",
        "app.events orgraph_manager UPDATE",
    ),
    "deletable": ("grant delete on app.meetings to orgraph_manager", "app.meetings"),
    "trail_writable": (
        "grant insert (action) on app.audit_logs to orgraph_worker",
        "app.audit_logs orgraph_worker INSERT",
    ),
    "backup_writes": ("grant insert on app.categories to orgraph_backup", "app.categories INSERT"),
    "trail_unguarded": (
        "alter table app.audit_logs_default disable trigger t00_no_truncate",
        "app.audit_logs_default",
    ),
    "trail_ends_soon": (
        (
            "do $$ declare month text; begin for month in "
            "select c.oid::regclass::text from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            "where i.inhparent = 'app.audit_logs'::regclass and c.relname > 'audit_logs_' || "
            "to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM') and c.relname <> 'audit_logs_default' "
            "loop execute 'drop table ' || month; end loop; end $$"
        ),
        "app.audit_logs",
    ),
}
# A table breaks some rules only together with another, and some rules are about who asks: told below, one by one.
TOLD_BELOW = {"organization_nullable", "connected_above_row_security", "no_such_role"}


async def findings_of(admin: Admin, breaking: str, login_role: str = "orgraph_api") -> list[Finding]:
    """What the server's login finds after `breaking`, which is then undone."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(breaking)
        await admin.execute("set session authorization orgraph_api")
        return await check(admin, login_role)
    finally:
        await transaction.rollback()


async def test_the_true_schema_has_no_findings(cluster: Cluster) -> None:
    assert await check(cluster.url("orgraph_api")) == []


async def test_the_check_takes_less_than_150_milliseconds(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("orgraph_api"))
    try:
        await check(connection)
        started = time.perf_counter()
        await check(connection)
        assert time.perf_counter() - started < 0.15
    finally:
        await connection.close()


async def test_the_check_needs_no_right_that_the_login_lacks(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.url("orgraph_api"))
    try:
        assert not await connection.fetchval("select pg_catalog.has_schema_privilege('app', 'usage')")
        assert await check(connection) == []
    finally:
        await connection.close()


@pytest.mark.parametrize("rule", BROKEN)
async def test_a_rule_finds_what_breaks_it_and_no_other_does(rule: str, admin: Admin) -> None:
    breaking, broken = BROKEN[rule]
    found = await findings_of(admin, breaking)
    assert {finding.rule for finding in found} == {rule}, "\n".join(str(finding) for finding in found)
    assert broken in [finding.object for finding in found]


async def test_a_tenant_table_whose_organization_may_be_missing_is_found(admin: Admin) -> None:
    found = await findings_of(
        admin, "alter table app.audit_stats drop constraint audit_stats_pkey, alter org_id drop not null"
    )
    assert {finding.rule for finding in found} == {"organization_nullable", "no_primary_key"}


async def test_a_superuser_is_told_that_nothing_may_be_served_so(admin: Admin) -> None:
    assert [(finding.rule, finding.object) for finding in await check(admin)] == [
        ("connected_above_row_security", "postgres")
    ]


@pytest.mark.parametrize("role", ["orgraph_migrator", "orgraph_backup"])
async def test_whoever_may_become_the_owner_or_bypasses_is_told_so(role: str, cluster: Cluster) -> None:
    assert [(finding.rule, finding.object) for finding in await check(cluster.url(role))] == [
        ("connected_above_row_security", role)
    ]


async def test_a_login_that_does_not_exist_is_found(admin: Admin) -> None:
    found = await findings_of(admin, "select", login_role="orgraph_nobody")
    assert ("no_such_role", "orgraph_nobody") in [(finding.rule, finding.object) for finding in found]


async def test_an_exception_that_matches_nothing_is_a_finding(admin: Admin) -> None:
    found = await findings_of(admin, "drop index app.events_public_key")
    assert [(finding.rule, finding.object) for finding in found] == [
        ("unused_exception", "unique_without_organization app.events events_public_key")
    ]


async def test_a_constraint_that_the_next_release_validates_is_named_until_then(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"not_valid": {"app.meetings half": "validated by the next release"}}
    monkeypatch.setattr(module, "exceptions", lambda: {**exceptions(), **named})
    half = "alter table app.meetings add constraint half check (true) not valid"

    assert await findings_of(admin, half) == []
    validated = await findings_of(admin, f"{half}; alter table app.meetings validate constraint half")
    assert [(finding.rule, finding.object) for finding in validated] == [
        ("unused_exception", "not_valid app.meetings half")
    ]


def test_every_rule_is_broken_once_here() -> None:
    names = [rule.name for rule in rules()]
    assert sorted(names) == sorted({*BROKEN, *TOLD_BELOW})
    assert len(names) >= 22


def test_every_rule_says_why() -> None:
    assert [rule.name for rule in rules() if not rule.why.endswith(".")] == []


def test_every_exception_names_a_rule_and_a_reason() -> None:
    assert exceptions().keys() <= {rule.name for rule in rules()}
    assert all(len(reason) > 20 for objects in exceptions().values() for reason in objects.values())
