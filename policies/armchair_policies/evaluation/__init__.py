"""Evaluation: a candidate judged in unseen scenes, with its interval, report and comparison."""
