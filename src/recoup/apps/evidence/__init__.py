"""Room: proof that outlives us: daily seals, evidence bundles, the regulator's report."""
