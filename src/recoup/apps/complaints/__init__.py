"""Room: complaints: taken in from anybody, answered in time, and what is learnt from them."""
