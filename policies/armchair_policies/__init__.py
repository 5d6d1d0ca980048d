"""What was learnt: the nano policy, training, evaluation, reports."""
