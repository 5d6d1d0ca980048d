"""The card of an upload: the facts, preview and README of a dataset or a policy."""
