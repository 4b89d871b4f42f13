"""Stripe and PayPal: what each is asked and what its events mean, in the words of `model`. Nothing here commits."""
