"""The rollout behind `armchair run`: simulated, or in real time on the twin and real arms."""
