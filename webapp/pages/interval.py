"""How sure a share is: the library's functions, for the pages."""

from reports.interval import FEW, Z95, differs, net_interval, wilson

__all__ = ["FEW", "Z95", "differs", "net_interval", "wilson"]
