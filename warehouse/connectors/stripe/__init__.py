"""Stripe: customers, what they subscribe to and what they paid."""
