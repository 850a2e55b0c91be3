"""Payment Linker against SQL written by hand."""
