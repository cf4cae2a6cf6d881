"""The supervisor's side of a job: lease, attempt, recorder, heartbeat, reconciler, clean-up. Never imports torch."""
