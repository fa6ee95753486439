"""One verb a module; each is a plain function that returns a result for the one sink to print."""
