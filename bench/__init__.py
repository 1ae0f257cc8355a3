"""The benchmark: orgraph and its peers, side by side on one database. See docs/performance.md."""
