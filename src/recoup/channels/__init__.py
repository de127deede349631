"""The ways out of the house, one file each. Nothing leaves without the gate's permit.

Only the room of contacts and the site import this package; ``send`` takes a permit, a value that
only ``recoup.kernel.contact_rules.decide`` makes.
"""
