"""The commands: they parse what the user gave, wire the other packages together, and print.

Whatever is slow to import is imported by the command that needs it: listing, planning and help answer at once.
"""

if __name__ != "soundproof.command_line":
    raise ImportError("this folder is a part of the package soundproof: import soundproof.command_line")
