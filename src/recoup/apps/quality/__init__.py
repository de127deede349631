"""Room: review of calls, visits and messages: sample, score, finding, correction."""
