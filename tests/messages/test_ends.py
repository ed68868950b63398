"""Who is believed about an end: the user, then the system, then the config; a population is every combination."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.messages.ends import EndFacts, ends, rfc7383
from auditor.model.device import Speaker
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.flows import Endpoint, Origin
from auditor.model.platform import System

PLACE = Origin(file="paths.yaml", line=3, key="endpoints.a")
LINE = Evidence(file="configs/r.cfg", line=7, text="crypto ikev2 fragmentation mtu 1400")
BARE = Endpoint(name="a", origin=PLACE)
SAYS_YES = System(
    name="yes",
    title="Yes",
    roles=("ikev2-initiator",),
    ike_fragmentation=Fact(value=True, basis=Basis.ABSENT, source="a document"),
    ike_fragment_size=Fact(value=576, basis=Basis.ASSUMED, others=(1280,), source="no document"),
    df=Fact(value="pmtud", basis=Basis.INFERRED, source="reports"),
    eap_fragment_size=Fact(value=1398, basis=Basis.ABSENT, source="a document"),
    challenge_fragment_size=Fact(value=1024, basis=Basis.ABSENT, source="a document"),
    fix="do this",
)
SAYS_NO = System(
    name="no", title="No", roles=(), ike_fragmentation=Fact(value=False, basis=Basis.ABSENT, source="another document")
)
SYSTEMS = {system.name: system for system in (SAYS_YES, SAYS_NO)}
SPEAKER = Speaker(
    kind="ikev2",
    interface=None,
    peers=(),
    evidence=LINE,
    auth="psk",
    ike_fragmentation=Fact(value=True, basis=Basis.READ, evidence=(LINE,)),
    ike_fragment_size=Fact(value=1400, basis=Basis.READ, evidence=(LINE,)),
    df=Fact(value="false", basis=Basis.READ, evidence=(LINE,)),
)


def only(endpoint: Endpoint, speaker: Speaker | None = None) -> EndFacts:
    (facts,) = ends(endpoint, SYSTEMS, speaker)
    return facts


def test_of_an_end_nobody_described_both_values_are_open() -> None:
    facts = only(BARE)
    assert facts.ike_fragmentation.options == (False, True)
    assert facts.df.options == ("false", "pmtud")
    assert facts.mtu.options == (1500,)
    assert facts.ike_fragment_size.options == (1280,)
    assert facts.framed_mtu is None
    assert facts.label == ""


def test_a_document_about_the_named_system_holds_by_the_users_word() -> None:
    facts = only(replace(BARE, systems=("yes",)))
    assert facts.ike_fragmentation.basis is Basis.DECLARED
    assert facts.ike_fragmentation.source == "system yes: a document"
    assert facts.df.basis is Basis.INFERRED
    assert facts.ike_fragment_size.options == (576, 1280)
    assert (facts.eap_fragment_size.value, facts.challenge_fragment_size.value) == (1398, 1024)
    assert (facts.system, facts.fix) == ("yes", "do this")


def test_the_users_keys_come_before_system_and_config() -> None:
    said = replace(
        BARE,
        systems=("yes",),
        mtus=(1400,),
        mtu_said=True,
        ike_fragmentation=(False,),
        ike_fragment_size=1000,
        df="true",
        framed_mtu=1344,
        eap_fragment_size=1200,
    )
    facts = only(said, SPEAKER)
    declared = (
        facts.mtu,
        facts.ike_fragmentation,
        facts.ike_fragment_size,
        facts.df,
        facts.eap_fragment_size,
        facts.framed_mtu,
    )
    assert [fact.value for fact in declared if fact] == [1400, False, 1000, "true", 1200, 1344]
    assert all(fact and fact.basis is Basis.DECLARED and "paths.yaml" in fact.source for fact in declared)


def test_system_before_config_and_config_before_nothing() -> None:
    assert only(replace(BARE, systems=("no",)), SPEAKER).ike_fragmentation.value is False
    facts = only(BARE, SPEAKER)
    assert facts.ike_fragmentation.evidence == (LINE,)
    assert facts.ike_fragment_size.value == 1400
    assert facts.df.basis is Basis.READ
    assert facts.auth == "psk"


def test_unknown_said_by_the_user_is_not_overruled() -> None:
    facts = only(replace(BARE, systems=("yes",), ike_fragmentation=("unknown",)), SPEAKER)
    assert facts.ike_fragmentation.options == (False, True)
    assert facts.ike_fragmentation.basis is Basis.UNKNOWN


def test_a_device_brings_its_own_mtu() -> None:
    read = Fact(value=1450, basis=Basis.READ, evidence=(LINE,))
    (facts,) = ends(BARE, SYSTEMS, None, read)
    assert facts.mtu == read
    (facts,) = ends(replace(BARE, mtus=(1300,), mtu_said=True), SYSTEMS, None, read)
    assert facts.mtu.value == 1300


def test_a_population_is_every_combination_and_each_member_has_its_name() -> None:
    crowd = replace(
        BARE, systems=("yes", "no"), mtus=(1500, 1400), mtu_said=True, ike_fragmentation=(True, False, "unknown")
    )
    members = ends(crowd, SYSTEMS)
    assert len(members) == 12
    assert len({member.label for member in members}) == 12
    assert "system no, mtu 1400, ike_fragmentation unknown" in {member.label for member in members}
    assert {(m.system, m.mtu.value, m.ike_fragmentation.options) for m in members} == {
        (system, mtu, options)
        for system in ("yes", "no")
        for mtu in (1500, 1400)
        for options in ((True,), (False,), (False, True))
    }


def test_only_what_differs_is_in_the_label() -> None:
    members = ends(replace(BARE, systems=("yes",), mtus=(1500, 1400), mtu_said=True), SYSTEMS)
    assert [member.label for member in members] == ["mtu 1500", "mtu 1400"]


def test_an_unknown_system_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        ends(replace(BARE, systems=("nobody",)), SYSTEMS)


facts_of_one = st.builds(
    lambda value, basis: Fact(value=value, basis=basis, others=() if basis.decides else (not value,)),
    st.booleans(),
    st.sampled_from(list(Basis)),
)


def pair(one: Fact[bool], other: Fact[bool]) -> Fact[bool]:
    facts = only(BARE)
    return rfc7383(replace(facts, ike_fragmentation=one), replace(facts, ike_fragmentation=other))


@given(facts_of_one, facts_of_one)
def test_a_pair_has_rfc_7383_only_where_both_have_it(one: Fact[bool], other: Fact[bool]) -> None:
    both = pair(one, other)
    assert set(both.options) == {a and b for a in one.options for b in other.options}
    assert both.options[0] == (one.value and other.value)
    refused = any(fact.basis.decides and not fact.value for fact in (one, other))
    assert both.basis.decides == (refused or (one.basis.decides and other.basis.decides))
    assert pair(other, one).options == both.options


def test_the_weakest_ground_counts() -> None:
    yes = Fact(value=True, basis=Basis.READ, source="read")
    assert pair(yes, replace(yes, basis=Basis.INFERRED, source="field")).basis is Basis.INFERRED
    assert pair(yes, replace(yes, basis=Basis.INFERRED, source="field")).source == "read; field"
    assert pair(yes, Fact(value=True, basis=Basis.ASSUMED, others=(False,))).basis is Basis.ASSUMED
    no = Fact(value=False, basis=Basis.DECLARED, source="said")
    assert pair(no, Fact(value=True, basis=Basis.UNKNOWN, others=(False,))) == no
