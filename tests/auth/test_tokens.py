"""Which access tokens name a person, and which are refused, whatever else is right about them."""

from __future__ import annotations

import jwt
import pytest

from auth.errors import InvalidToken
from auth.local import IssuerKey
from auth.principal import Principal
from auth.tokens import TokenVerifier
from tests.auth.issuer import BASE_URL, CLIENT_ID, Issuer


async def test_a_good_token_names_its_person_organization_and_session(issuer: Issuer) -> None:
    principal = await issuer.verifier.verify(issuer.sign())
    assert principal == Principal("user", "user_ada", "org_acme", "session_1")
    assert issuer.asked == [f"{BASE_URL}/sso/jwks/{CLIENT_ID}"]


async def test_a_token_without_organization_names_none(issuer: Issuer) -> None:
    assert (await issuer.verifier.verify(issuer.sign(org_id=None))).organization_id is None


async def test_an_issuer_with_a_slash_at_its_end_is_the_same_issuer(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(iss=f"{BASE_URL}/")) == "accepted"


async def test_an_impersonator_is_named_beside_the_person(issuer: Issuer) -> None:
    principal = await issuer.verifier.verify(issuer.sign(act={"sub": "support@workos.example"}))
    assert (principal.user_id, principal.impersonator_id) == ("user_ada", "support@workos.example")


async def test_an_actor_without_a_name_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(act={"sub": ""})) == "actor"
    assert await issuer.refusal_of(issuer.sign(act="support")) == "actor"


async def test_a_token_without_signature_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.forge({"alg": "none", "kid": issuer.key.kid})) == "algorithm"
    unsigned = jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": issuer.key.kid})
    assert await issuer.refusal_of(unsigned) == "malformed"


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer) -> None:
    header = {"alg": "HS256", "typ": "JWT", "kid": issuer.key.kid}
    assert await issuer.refusal_of(issuer.forge(header, secret=issuer.public_pem())) == "algorithm"


async def test_a_token_that_claims_rs256_over_a_public_key_signature_is_refused(issuer: Issuer) -> None:
    header = {"alg": "RS256", "typ": "JWT", "kid": issuer.key.kid}
    assert await issuer.refusal_of(issuer.forge(header, secret=issuer.public_pem())) == "signature"


async def test_a_token_signed_by_another_key_is_refused(issuer: Issuer, another_key: IssuerKey) -> None:
    token = issuer.sign(by=another_key, header={"kid": issuer.key.kid})
    assert await issuer.refusal_of(token) == "signature"


async def test_a_token_that_brings_its_own_key_address_is_refused(issuer: Issuer, another_key: IssuerKey) -> None:
    header = {"kid": issuer.key.kid, "jku": "https://evil.example/keys"}
    assert await issuer.refusal_of(issuer.sign(by=another_key, header=header)) == "header"
    assert await issuer.refusal_of(issuer.sign(header=header)) == "header"
    assert issuer.fetches == 0


async def test_a_token_of_another_kind_is_refused_by_its_header(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(header={"kid": issuer.key.kid, "typ": "logout+jwt"})) == "header"


async def test_a_token_without_kid_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(header={})) == "missing_kid"
    assert issuer.fetches == 0


async def test_an_expired_token_is_refused_five_seconds_late_at_most(issuer: Issuer) -> None:
    token = issuer.sign()
    issuer.now += 304
    assert await issuer.refusal_of(token) == "accepted"
    issuer.now += 1
    assert await issuer.refusal_of(token) == "expired"


async def test_a_remembered_token_is_forgotten_when_it_expires(issuer: Issuer) -> None:
    token = issuer.sign()
    assert await issuer.refusal_of(token) == "accepted"
    issuer.now += 306
    assert await issuer.refusal_of(token) == "expired"


async def test_a_token_of_the_future_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(nbf=int(issuer.now) + 60)) == "not_yet_valid"
    assert await issuer.refusal_of(issuer.sign(iat=int(issuer.now) + 60)) == "not_yet_valid"


@pytest.mark.parametrize(
    ("claim", "reason"), [("exp", "times"), ("iat", "times"), ("sub", "subject"), ("sid", "session"), ("iss", "issuer")]
)
async def test_a_token_without_a_required_claim_is_refused(issuer: Issuer, claim: str, reason: str) -> None:
    assert await issuer.refusal_of(issuer.sign(**{claim: None})) == reason


@pytest.mark.parametrize("moment", ["tomorrow", True, 1e400])
async def test_a_moment_that_is_no_number_is_refused(issuer: Issuer, moment: object) -> None:
    assert await issuer.refusal_of(issuer.sign(iat=moment)) in {"times", "malformed"}


async def test_a_token_of_another_issuer_is_refused(issuer: Issuer) -> None:
    for iss in ("https://evil.example", f"{BASE_URL}.evil.example", f"{BASE_URL}//", BASE_URL.upper()):
        assert await issuer.refusal_of(issuer.sign(iss=iss)) == "issuer"


async def test_an_audience_that_is_there_must_be_ours(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(aud="client_other")) == "audience"
    assert await issuer.refusal_of(issuer.sign(aud=[])) == "audience"
    assert await issuer.refusal_of(issuer.sign(aud=CLIENT_ID)) == "accepted"
    assert await issuer.refusal_of(issuer.sign(aud=["client_other", CLIENT_ID])) == "accepted"


async def test_a_widgets_or_an_agents_token_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(sub_type="agent")) == "token_type"
    assert await issuer.refusal_of(issuer.sign(sub_profile="agent")) == "token_type"


@pytest.mark.parametrize("subject", ["ada", "user_", "user_a b", "user_a\n", "client_1", "user_" + "a" * 61])
async def test_a_subject_that_is_no_person_is_refused(issuer: Issuer, subject: str) -> None:
    assert await issuer.refusal_of(issuer.sign(sub=subject)) == "subject"


@pytest.mark.parametrize("organization", ["", "acme", "org_", "org_a'--", "org_" + "a" * 61])
async def test_an_organization_of_another_form_is_refused(issuer: Issuer, organization: str) -> None:
    assert await issuer.refusal_of(issuer.sign(org_id=organization)) == "organization"


async def test_a_session_of_boundless_length_is_refused(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(sid="s" * 129)) == "session"


async def test_a_token_above_8_kib_is_refused_unread(issuer: Issuer) -> None:
    assert await issuer.refusal_of(issuer.sign(permissions=["x" * 9000])) == "too_long"
    assert issuer.fetches == 0


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b", "é.b.c", "a.b.c.d", "....", "a b.c.d"])
async def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    assert await issuer.refusal_of(token) == "malformed"


async def test_every_refusal_reads_the_same() -> None:
    assert str(InvalidToken("expired")) == str(InvalidToken("signature"))
    assert InvalidToken("expired").headers == {"www-authenticate": "Bearer"}


async def test_a_verifier_without_an_issuer_is_not_built(issuer: Issuer) -> None:
    with pytest.raises(ValueError, match="WORKOS_ISSUER is empty"):
        TokenVerifier(BASE_URL, CLIENT_ID, [], issuer.http)
