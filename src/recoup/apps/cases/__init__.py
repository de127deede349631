"""Room: one case per person: worklist, timeline, tasks, assignment, hand-over, review."""
