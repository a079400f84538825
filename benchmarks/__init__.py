"""How long a night takes: Homeroom beside a bare script and beside plain loaders, in one run."""
