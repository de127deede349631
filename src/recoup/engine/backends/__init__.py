"""The engines that carry the flow. The only place that imports DuckDB, Numba and SQLGlot."""
