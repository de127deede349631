"""Room: the night as a job, its schedule and history, and the day's re-decision of one person."""
