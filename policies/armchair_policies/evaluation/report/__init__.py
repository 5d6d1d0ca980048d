"""The evaluation report: one self-contained page with figures, maps and videos."""
