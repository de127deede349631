"""Plain loops over whole columns: what the intake asks of millions of rows in one pass.

Standard library only, like the kernel's: integers and sequences of integers in, integers out. They
run as they stand, and ``engine.backends.compiled`` compiles the very same functions.
"""
