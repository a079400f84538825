"""The commands of `homeroom`, a module each. Thin: they read arguments, call a step, print."""
