"""A class of the user's whose fields are its settings: written into the record, so that it can be made again."""

import dataclasses
import inspect
from typing import Any, ClassVar, Self

from soundproof.search_spaces.specs.canonical import Spec
from soundproof.search_spaces.specs.custom_networks import Setting
from soundproof.search_spaces.user_code.modules import CustomFileError, class_of, identity_of

_PLAIN = (bool, int, float, str)


class WrittenByUser:
    """Base of what users write. A subclass is a dataclass whose fields are numbers, words, or tuples of them."""

    spec_class: ClassVar[type[Spec]]
    """What stands for it in a trial: a spec with a `name`, `settings` and a `source`."""

    def spec(self) -> Any:
        """What stands for it in a trial. Raises `CustomFileError`."""
        return self.spec_class(**self.parts())

    def parts(self) -> dict[str, Any]:
        """The fields that every such spec has. Raises `CustomFileError`."""
        return {"name": type(self).__name__, "settings": self._settings(), "source": identity_of(type(self))}

    @classmethod
    def of_spec(cls, spec: Any) -> Self:
        """The user's object that `spec` stands for. Raises `CustomFileError` where its file is not loaded."""
        found = class_of(spec.source, spec.name)
        if not (isinstance(found, type) and issubclass(found, cls)):
            raise CustomFileError(f"the file that was loaded must define {spec.name} as a {cls.__name__}, and does not")
        return found(**{setting.name: setting.value for setting in spec.settings})

    @classmethod
    def fields(cls) -> list[str]:
        """The names of what it is made with. Others follow from these. Raises `CustomFileError`."""
        if not dataclasses.is_dataclass(cls):
            raise CustomFileError(f"{cls.__name__} must be a dataclass: write @dataclass(frozen=True) above it")
        given = [field.name for field in dataclasses.fields(cls) if field.init]
        parameters = list(inspect.signature(cls).parameters)
        if set(parameters) != set(given):
            raise CustomFileError(
                f"{cls.__name__} is made with {_listed(parameters)} and has the fields {_listed(given)}: they "
                "must be the same, since it is made again from its fields. Make a field of what is none (an "
                "InitVar is not recorded), and leave __init__ to the dataclass"
            )
        return given

    def _settings(self) -> tuple[Setting, ...]:
        values = {name: getattr(self, name) for name in self.fields()}
        for name, value in values.items():
            items = value if isinstance(value, tuple) else (value,)
            if not all(isinstance(item, _PLAIN) for item in items):
                raise CustomFileError(
                    f"{type(self).__name__}.{name} must be a number, a word, true or false, or a tuple of these, got "
                    f"{value!r}: settings are written into the record, so that it can be made again from there"
                )
        return tuple(Setting(name=name, value=value) for name, value in values.items())


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
