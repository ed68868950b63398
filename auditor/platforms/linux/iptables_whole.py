"""What an iptables rule asks for by several options together, or by an extension that is loaded without any."""

from auditor.model.addresses import IntervalSet
from auditor.model.filters import Field, FieldTest
from auditor.platforms.linux.iptables_matches import OFTEN
from auditor.platforms.linux.iptables_words import Reading
from auditor.platforms.linux.nft_specials import address_type


def unknown_option(reading: Reading, word: str) -> None:
    """An option of an extension that is not read: its rule may match or not."""
    values = reading.words.values()
    reading.conditions.doubt(
        OFTEN.get(reading.modules[-1], "")
        if reading.modules and reading.modules[-1] in OFTEN
        else f"not understood: {' '.join([word, *values])[:60]}"
    )


def finish(reading: Reading) -> None:
    """What is put together of several options, or comes of an extension that is loaded without any."""
    if "frag" in reading.modules:
        _fragment_header(reading)
    if "ipv6header" in reading.modules:
        _header_chain(reading)
    for option, side in (("--src-type", "sources"), ("--dst-type", "destinations")):
        if option in reading.once:
            kinds, negated = reading.once[option]
            if {"--limit-iface-in", "--limit-iface-out"} & reading.once.keys():
                reading.conditions.doubt("the type of an address on an interface")
                continue
            address_type(side, [kind.lower() for kind in kinds.split(",")], negated, reading.conditions, reading.place)
    if reading.place.reads_data is False:
        reading.conditions.reads_data = False


def _header_chain(reading: Reading) -> None:
    """``-m ipv6header --soft --header ipv6-frag``: whether a fragment header is there; other forms ask for more headers
    than can be told (ip6t_ipv6header.c).
    """
    header, negated = reading.once.get("--header", ("", False))
    if "--soft" not in reading.once or header not in ("ipv6-frag", "frag", "44"):
        reading.conditions.doubt("the extension headers")
        return
    values = IntervalSet.single(0 if negated else 1)
    reading.conditions.test(FieldTest(field=Field.FRAGMENT_HEADER, values=values))


def _fragment_header(reading: Reading) -> None:
    """``-m frag`` meets packets with an IPv6 fragment header; its options ask for more (ip6t_frag.c)."""
    conditions = reading.conditions
    conditions.test(FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1)))
    asked = reading.once
    if "--fragfirst" in asked:
        conditions.test(FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet.single(0)))
    if "--fragmore" in asked:
        conditions.test(FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(1)))
    if "--fraglast" in asked:
        conditions.test(FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(0)))
    if {"--fragid", "--fraglen", "--fragres"} & asked.keys():
        conditions.doubt("the identification or length in the fragment header")
