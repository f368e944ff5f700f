"""`infra adopt`: add the applications to a Django project that exists."""
