"""Policy rollout: a loaded policy as a teleoperator, its action chunks, and interventions by a person."""
