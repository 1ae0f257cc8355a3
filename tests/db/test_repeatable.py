"""Policy and function files: applied whole when they change, and nothing stale survives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from db.migrate import MigrationError, migrate, status
from tests.db.conftest import Admin, Edit, added, silent, tables_of


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def removed(_: str) -> str:
    return ""


async def test_a_mistake_is_told_with_its_line(url: str, edit: Edit) -> None:
    edit("policies/users.sql", lambda text: "-- one\n-- two\ngrant select an app.users to public;\n" + text)
    with pytest.raises(MigrationError, match=r"^sql/policies/users\.sql:3: syntax error"):
        await migrate(url, silent)


async def test_a_body_that_names_what_is_not_there_is_told(url: str, superuser: Admin, edit: Edit) -> None:
    edit("functions/account.sql", replaced("'country', u.country", "'country', u.county"))
    with pytest.raises(MigrationError, match=r"^sql/functions/account\.sql.*u\.county"):
        await migrate(url, silent)
    assert await tables_of(superuser) == []


async def test_a_table_without_policies_is_refused(url: str, superuser: Admin, edit: Edit) -> None:
    edit("policies/meetings.sql", removed)
    with pytest.raises(MigrationError, match=r"app\.meetings: no policies; write sql/policies/meetings\.sql"):
        await migrate(url, silent)
    assert await tables_of(superuser) == []


async def test_a_policy_file_that_loses_its_name_is_refused(url: str, superuser: Admin, edit: Edit) -> None:
    await migrate(url, silent)
    edit("policies/meetings.sql", removed)
    with pytest.raises(MigrationError, match=r"app\.meetings: no policies"):
        await migrate(url, silent)
    assert await superuser.fetchval("select count(*) from pg_policies where tablename = 'meetings'") > 0
    assert (await status(url)).files["policies/meetings.sql"] == "removed"


async def test_policies_without_a_table_are_refused(url: str, edit: Edit) -> None:
    edit("policies/rooms.sql", added("alter table app.rooms enable row level security;"))
    with pytest.raises(MigrationError, match=r"sql/policies/rooms\.sql: there is no table app\.rooms"):
        await migrate(url, silent)


async def test_nothing_stale_survives_a_changed_policy_file(url: str, superuser: Admin, edit: Edit) -> None:
    await migrate(url, silent)
    await superuser.execute("""
        set role orgraph_owner;
        create policy stale on app.categories for update to orgraph_member using (true) with check (true);
        grant update (name) on app.categories to orgraph_member;
        grant delete on app.categories to public;
        reset role""")
    edit("policies/categories.sql", added("\n-- changed\n"))
    applied = await migrate(url, silent)
    assert applied.files == ("policies/categories.sql",)
    assert not await superuser.fetchval("select true from pg_policies where policyname = 'stale'")
    assert not await superuser.fetchval("select has_any_column_privilege('orgraph_member', 'app.categories', 'update')")
    assert not await superuser.fetchval("select has_table_privilege('orgraph_member', 'app.categories', 'delete')")
    assert await superuser.fetchval("select has_table_privilege('orgraph_owner', 'app.categories', 'delete')")
    assert await superuser.fetchval("select has_table_privilege('orgraph_member', 'app.categories', 'select')")


async def test_a_table_made_anew_gets_its_policies_again(url: str, superuser: Admin) -> None:
    await migrate(url, silent)
    await superuser.execute("""
        set role orgraph_owner;
        create table app.anew (like app.audit_stats including all);
        drop table app.audit_stats; alter table app.anew rename to audit_stats;
        reset role""")
    assert (await migrate(url, silent)).files == ("policies/audit_stats.sql",)
    assert await superuser.fetchval("select count(*) from pg_policies where tablename = 'audit_stats'") > 1


async def test_a_grant_that_a_function_file_no_longer_makes_is_gone(url: str, superuser: Admin, edit: Edit) -> None:
    await migrate(url, silent)
    granted = "select has_function_privilege('orgraph_guest', 'app.my_account()', 'execute')"
    assert await superuser.fetchval(granted)
    edit("functions/account.sql", replaced("orgraph_officer, orgraph_guest;", "orgraph_officer;"))
    await migrate(url, silent)
    assert not await superuser.fetchval(granted)


async def test_a_function_that_no_file_declares_is_dropped(url: str, superuser: Admin, edit: Edit) -> None:
    extra = (
        "\ncreate or replace function app.extra({}) returns text language sql set search_path = '' as 'select ''a''';\n"
    )
    edit("functions/triggers.sql", added(extra.format("")))
    await migrate(url, silent)
    edit("functions/triggers.sql", replaced("app.extra()", "app.extra(why text)"))
    assert (await migrate(url, silent)).dropped_functions == ("app.extra()",)
    edit("functions/triggers.sql", lambda text: text[: text.index("\ncreate or replace function app.extra")])
    assert (await migrate(url, silent)).dropped_functions == ("app.extra(text)",)
    assert not await superuser.fetchval("select true from pg_proc where proname = 'extra'")


async def test_a_function_that_is_used_is_not_dropped(url: str, edit: Edit) -> None:
    await migrate(url, silent)
    edit("functions/scope.sql", replaced("app.is_active_member(", "app.is_active_person("))
    with pytest.raises(
        MigrationError, match=r"no file declares app\.is_active_member\(text\) any more, but it is used"
    ):
        await migrate(url, silent)


async def test_a_changed_return_type_says_what_to_do(url: str, edit: Edit) -> None:
    await migrate(url, silent)
    edit("functions/account.sql", replaced("returns jsonb\n", "returns json\n"))
    with pytest.raises(MigrationError, match=r"account\.sql.*put `drop function if exists …;` before it"):
        await migrate(url, silent)


async def test_a_file_that_commits_is_refused(url: str, edit: Edit) -> None:
    edit("policies/users.sql", added("\ncommit;\n"))
    with pytest.raises(MigrationError, match="it ends the migration's transaction"):
        await migrate(url, silent)
