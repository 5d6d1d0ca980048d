"""The statistics of success rates: Wilson intervals and paired tests."""
