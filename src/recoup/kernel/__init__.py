"""Pure rules, one case at a time: money, calendar, waterfall, delinquency, limitation, contacts.

Standard library only; no clock, no randomness, no environment. Sequence rules are plain loops over
integers that run as they stand and compile with Numba unchanged.
"""
