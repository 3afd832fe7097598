"""A pure library: the frozen figures of a report → tables with names → Excel, PDF."""
