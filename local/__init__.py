"""The one-machine default: PostgreSQL and Redis from their wheels, web, workers and beat."""
