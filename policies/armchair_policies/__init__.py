"""The policies: nano, training, evaluation, and the skills that ship."""
