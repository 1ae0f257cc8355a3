"""GraphiQL, self-hosted: how it is built, and how it is served."""
