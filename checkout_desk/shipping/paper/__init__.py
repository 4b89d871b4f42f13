"""What is printed about parcels. Pure: facts go in, PDF comes out, the same bytes for the same facts."""
