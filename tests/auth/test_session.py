"""What is sealed into cookies, what opens them, and how a long one is carried."""

from __future__ import annotations

import dataclasses

import orjson
import pytest
from cryptography.fernet import Fernet

from auth.cookies import LONGEST_VALUE, Cookie
from auth.session import (
    SESSION_S,
    SIGN_IN_S,
    Session,
    SignedInUser,
    SignIn,
    cookie_keys,
    seal,
    unseal_session,
    unseal_sign_in,
)

NOW = 1_800_000_000.0
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
KEYS = cookie_keys(NEW)
ADA = Session(
    "a.b.c", "refresh", SignedInUser("user_ada", "ada@example.com", "Ada", None, None), "org_acme", "session_1"
)
UNDER_WAY = SignIn("state", "verifier", "/graphql")
COOKIE = Cookie.named("orgraph_session", max_age_s=SESSION_S, secure=True)


def jar(lines: tuple[str, ...]) -> dict[str, str]:
    """What a browser with no other cookies sends after these Set-Cookie values."""
    pairs = (line.split(";")[0].partition("=") for line in lines if "; Max-Age=0;" not in line)
    return {name: value for name, _, value in pairs}


def test_what_was_sealed_opens() -> None:
    assert unseal_session(seal(ADA, KEYS, now=NOW), KEYS, now=NOW) == ADA
    assert unseal_sign_in(seal(UNDER_WAY, KEYS, now=NOW), KEYS, now=NOW) == UNDER_WAY


def test_nothing_of_it_can_be_read() -> None:
    assert "ada" not in seal(ADA, KEYS, now=NOW)


def test_a_cookie_with_one_character_changed_does_not_open() -> None:
    sealed = seal(ADA, KEYS, now=NOW)
    for at in range(0, len(sealed) - 2, 7):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        assert unseal_session(changed, KEYS, now=NOW) is None


@pytest.mark.parametrize("sealed", ["", "x", "é", "gAAAAA==", "null"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    assert unseal_session(sealed, KEYS, now=NOW) is None


def test_a_session_opens_for_seven_days_and_a_sign_in_for_ten_minutes() -> None:
    session, under_way = seal(ADA, KEYS, now=NOW), seal(UNDER_WAY, KEYS, now=NOW)
    assert unseal_session(session, KEYS, now=NOW + SESSION_S - 1) == ADA
    assert unseal_session(session, KEYS, now=NOW + SESSION_S) is None
    assert unseal_sign_in(under_way, KEYS, now=NOW + SIGN_IN_S - 1) == UNDER_WAY
    assert unseal_sign_in(under_way, KEYS, now=NOW + SIGN_IN_S) is None


def test_a_cookie_sealed_in_the_future_does_not_open() -> None:
    assert unseal_session(seal(ADA, KEYS, now=NOW + 3600), KEYS, now=NOW) is None


def test_a_sign_in_under_way_is_no_session_nor_the_other_way_round() -> None:
    assert unseal_session(seal(UNDER_WAY, KEYS, now=NOW), KEYS, now=NOW) is None
    assert unseal_sign_in(seal(ADA, KEYS, now=NOW), KEYS, now=NOW) is None


def test_a_session_of_another_versions_form_does_not_open() -> None:
    body = {"for": "Session", "iat": NOW, **dataclasses.asdict(ADA)}
    assert unseal_session(KEYS.encrypt(orjson.dumps(body)).decode(), KEYS, now=NOW) == ADA
    for other in ({**body, "device": "phone"}, {**body, "user": {"id": "user_ada"}}, {**body, "user": None}):
        assert unseal_session(KEYS.encrypt(orjson.dumps(other)).decode(), KEYS, now=NOW) is None


def test_the_first_key_seals_and_every_key_opens_until_it_is_taken_away() -> None:
    sealed_before = seal(ADA, cookie_keys(OLD), now=NOW)
    both = cookie_keys(f"{NEW}, {OLD}")
    assert unseal_session(sealed_before, both, now=NOW) == ADA
    assert unseal_session(seal(ADA, both, now=NOW), KEYS, now=NOW) == ADA
    assert unseal_session(sealed_before, KEYS, now=NOW) is None


def test_a_key_of_another_form_is_named_by_its_place_and_not_shown() -> None:
    with pytest.raises(ValueError, match=r"key 2 of 2, is no Fernet key") as refused:
        cookie_keys(f"{NEW},a-32-character-password-of-before")
    assert "of-before" not in str(refused.value)
    with pytest.raises(ValueError, match="WORKOS_COOKIE_PASSWORD is empty"):
        cookie_keys(" , ")


def test_the_cookie_is_for_this_host_over_https_and_out_of_reach_of_scripts() -> None:
    assert COOKIE.set("value", {}) == (
        "__Host-orgraph_session=value; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure",
    )


def test_on_plain_http_the_cookie_has_another_name() -> None:
    plain = Cookie.named("orgraph_session", max_age_s=60, secure=False)
    assert plain.set("value", {}) == ("orgraph_session=value; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",)


@pytest.mark.parametrize("length", [1, LONGEST_VALUE, LONGEST_VALUE + 1, 3 * LONGEST_VALUE])
def test_a_cookie_of_any_length_comes_back_whole_in_pieces_a_browser_keeps(length: int) -> None:
    value = ("0123456789" * 2000)[:length]
    lines = COOKIE.set(value, {})
    assert COOKIE.read(jar(lines)) == value
    assert max(map(len, lines)) <= 4096
    assert (len(lines) == 1) == (length <= LONGEST_VALUE)


def test_a_cookie_that_grows_or_shrinks_leaves_no_piece_behind() -> None:
    short, long = jar(COOKIE.set("x", {})), jar(COOKIE.set("x" * 9000, {}))
    assert "__Host-orgraph_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure" in COOKIE.set("x" * 9000, short)
    assert {name for name in long if f"{name}=; " in "".join(COOKIE.set("x", long))} == set(long)


def test_a_cookie_is_deleted_with_its_pieces_and_nothing_else() -> None:
    long = jar(COOKIE.set("x" * 9000, {}))
    assert len(COOKIE.clear({**long, "theme": "dark"})) == 3


def test_a_session_too_long_for_eight_cookies_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not fit into 8 cookies"):
        COOKIE.set("x" * 40_000, {})


def test_a_missing_piece_leaves_a_cookie_that_does_not_open() -> None:
    long = Session("a" * 9000, "refresh", ADA.user, None)
    pieces = jar(COOKIE.set(seal(long, KEYS, now=NOW), {}))
    del pieces["__Host-orgraph_session.1"]
    assert unseal_session(COOKIE.read(pieces) or "", KEYS, now=NOW) is None
