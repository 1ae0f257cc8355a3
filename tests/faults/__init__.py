"""What breaks around the server: the network, Postgres, the pooler, the replica."""
