"""The real components that the tests run against. None of them knows anything of the desk."""
