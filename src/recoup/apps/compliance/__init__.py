"""Room: the trail of every change, four-eyes approvals, revealed numbers, exports."""
