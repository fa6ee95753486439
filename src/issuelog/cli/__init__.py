"""The command line: the only place that reads argv, the environment, the clock and the terminal."""
