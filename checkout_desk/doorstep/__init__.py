"""The customer's signed pages: what is missing in their order, asked without a login and without script."""
