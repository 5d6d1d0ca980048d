"""The upload queue: jobs, the worker that sends them, and uploads during a recording."""
