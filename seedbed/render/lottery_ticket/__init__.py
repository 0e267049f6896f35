"""Tables and figures of Lottery Ticket."""
