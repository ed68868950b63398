"""Chains as filters of the model, their rules read when a path meets them."""

from collections.abc import Sequence

from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import RETURN, Action, Filter, Headerless, Rule

READ_DATA = (
    "measured on Linux 6.18: a port match of nftables meets a later fragment only where its data happens to hold such "
    "bytes (IPv6: its header's first bytes); net/netfilter/nft_payload.c, nf_tables_core.c, "
    "include/net/netfilter/nf_tables_ipv6.h"
)
EXACT = "net/netfilter/xt_tcpudp.c and xt_multiport.c: a fragment offset above 0 never matches; measured on Linux 6.18"


def headerless(reads_data: bool) -> Fact[Headerless]:
    """How rules on ports treat later fragments."""
    return Fact(value=Headerless.NEVER_MATCHES, basis=Basis.READ, source=READ_DATA if reads_data else EXACT)


def chain(
    name: str,
    rules: Sequence[Rule],
    evidence: Evidence,
    reads_data: bool,
    otherwise: Action = RETURN,
    otherwise_evidence: Evidence | None = None,
) -> Filter:
    """A chain."""
    return Filter(
        name=name,
        rules=rules,
        otherwise=otherwise,
        evidence=evidence,
        headerless=headerless(reads_data),
        otherwise_evidence=otherwise_evidence,
        kind="chain",
    )
