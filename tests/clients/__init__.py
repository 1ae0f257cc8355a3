"""What others wrote, pointed at our server: npm packages by a lock file, on the Node of a wheel."""
