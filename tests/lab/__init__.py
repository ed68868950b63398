"""The truth lab: real packets through Linux network namespaces, held against what the auditor predicts of them."""
