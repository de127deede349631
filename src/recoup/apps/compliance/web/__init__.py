"""The room's pages: approvals, the trail, one record's chain, the bundle, reveals, exports."""
