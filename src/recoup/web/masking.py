"""Names and numbers as they are shown before anybody has given a reason to see them whole."""


def masked_name(name: str) -> str:
    """Yield a name with all but its first character hidden.

    >>> masked_name("李小明"), masked_name("Ana Lopez"), masked_name("")
    ('李**', 'A********', '')
    """
    return name[:1] + "*" * min(len(name) - 1, 8) if name else ""


def masked_number(number: str) -> str:
    """Yield a telephone or identity number with its middle hidden.

    >>> masked_number("13800001234"), masked_number("110101199003070011"), masked_number("123")
    ('138****1234', '1101**********0011', '***')
    """
    if len(number) <= 7:
        return "*" * len(number)
    head = 3 if len(number) <= 11 else 4
    return number[:head] + "*" * (len(number) - head - 4) + number[-4:]


def masked_email(address: str) -> str:
    """Yield an e-mail address with all but the first letter of its name hidden.

    >>> masked_email("wang@example.com"), masked_email("nowhere")
    ('w***@example.com', 'n***')
    """
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if address else ""
