"""THE WIRE: serial ports, drivers (bytes in, frames out), the threads that own them, and simulated machines."""
