"""How fast issuelog is: reports to measure it on, and the measurement."""
