"""The transfer of an upload: one commit, retried, resumed and verified."""
