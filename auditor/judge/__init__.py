"""The judge room: from traces to verdicts (contract 4), drops, findings and what could not be known."""
