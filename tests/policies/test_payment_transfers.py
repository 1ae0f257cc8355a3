"""Who sees the money; and that only the worker moves it."""

from __future__ import annotations

from tests.personas import Database, World, as_partner, as_person, as_worker, ids, really, refused


async def test_a_host_sees_their_own_transfers_only(database: Database, world: World) -> None:
    acme = world.acme
    async with as_person(database, acme.member, acme) as member:
        assert await ids(member, "payment_transfers") == {acme.rows["payment_transfers"][acme.member]}
    colleagues = acme.rows["payment_transfers"][acme.colleague]
    assert await really(database, "select status from app.payment_transfers where id = $1", colleagues) == "PENDING"


async def test_who_may_view_payments_sees_every_transfer_of_the_organization(database: Database, world: World) -> None:
    for who in ("owner", "admin", "billing"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            assert await ids(caller, "payment_transfers") == set(world.acme.rows["payment_transfers"].values())


async def test_a_manager_who_may_not_view_payments_sees_their_own(database: Database, world: World) -> None:
    for who in ("receptionist", "restricted"):
        person = getattr(world.acme, who)
        async with as_person(database, person, world.acme) as caller:
            assert await ids(caller, "payment_transfers") == {world.acme.rows["payment_transfers"][person]}
    assert await really(database, "select count(*) from app.payment_transfers where org_id = $1", world.acme.id) > 1


async def test_partners_and_guests_know_of_no_money(database: Database, world: World) -> None:
    async with as_partner(database, world.acme.key, world.acme) as partner, refused(partner):
        await ids(partner, "payment_transfers")
    async with as_person(database, world.both, None) as guest, refused(guest):
        await ids(guest, "payment_transfers")


async def test_nobody_who_serves_requests_writes_a_transfer(database: Database, world: World) -> None:
    for who in ("owner", "billing", "member"):
        async with as_person(database, getattr(world.acme, who), world.acme) as caller:
            for statement in (
                "insert into app.payment_transfers (amount_cents) values (1)",
                "update app.payment_transfers set status = 'APPROVED'",
                "update app.payment_transfers set amount_cents = 1000000",
                "delete from app.payment_transfers",
            ):
                async with refused(caller):
                    await caller.execute(statement)


async def test_the_worker_moves_a_transfer_along_its_states_only(database: Database, world: World) -> None:
    transfer = world.acme.rows["payment_transfers"][world.acme.member]
    change = "update app.payment_transfers set status = $2 where id = $1"
    async with as_worker(database) as worker:
        assert await worker.execute(change, transfer, "READY") == "UPDATE 1"
        assert await worker.execute(change, transfer, "COMPLETED") == "UPDATE 1"
        async with refused(worker, "23514"):
            await worker.execute(change, transfer, "PENDING")
