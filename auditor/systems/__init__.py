"""End systems: one module each, with what is known of how they send IKE and RADIUS, and their own cure.

How a fact's basis is meant here: ``absent`` is what a document or the source code says of every such system as
installed (resolved for an endpoint it counts as ``declared``, because the user says that such a system stands
there); ``declared`` is what the system's name itself says (a registry value set); ``inferred`` is what independent
field reports show; ``default`` a documented default that a config which isn't read may change; ``assumed`` the
likeliest without a source.
"""
