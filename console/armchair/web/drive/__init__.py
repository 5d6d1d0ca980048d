"""The Drive view's server side: camera streams, the 3-D scene, and which arm and task are on the table."""

import armchair_sim  # noqa: F401 - before MuJoCo, so that it draws without a screen
