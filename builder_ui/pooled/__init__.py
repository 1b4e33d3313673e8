"""Django's PostgreSQL with a pool that a database which went and came back does not hold up."""
