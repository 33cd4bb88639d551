"""Template tag libraries of the kernel."""
