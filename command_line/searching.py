"""The command that looks for the best network of a space: `search`."""

from soundproof.api import SearchOptions, search_space
from soundproof.command_line.custom_files import named
from soundproof.command_line.options import FileOption, JsonOption, NamedSpaceArgument
from soundproof.command_line.printing import print_report
from soundproof.command_line.run_options import takes
from soundproof.search_spaces import find_space


@takes(SearchOptions)
def search(
    options: SearchOptions, space: NamedSpaceArgument = None, *, file: FileOption = None, as_json: JsonOption = False
) -> None:
    """Look for the best network of a space, then train the best few again. The same command again goes on."""
    print_report(search_space(find_space(named(space, file)), options), as_json=as_json)
