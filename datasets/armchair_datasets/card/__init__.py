"""The card of a dataset or a policy, its README: the facts, a preview, and who may replace it."""
