"""A model's chat template, which a stranger wrote, rendered in Jinja's sandbox and in limits."""

from app.core.errors import ModelDamaged
from app.engines.sandbox import resource_limits

_MOST_MEMORY = 256 * 1024 * 1024  # bytes; a long prompt with all its copies takes a tenth of it
_LONGEST = 4_000_000  # characters of a rendered prompt; more fits no context
_PLAIN = (
    "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)  # for a model that brings none


class Template:
    """A compiled template; time is the caller's to limit (`limits.deadline`)."""

    def __init__(self, source: str, begins: str, ends: str) -> None:
        """Compile.

        Raises:
            ModelDamaged: it is no template.
        """
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        try:
            with resource_limits.memory_for(_MOST_MEMORY):
                self._render = Jinja2ChatFormatter(source or _PLAIN, eos_token=ends, bos_token=begins)
        except Exception as error:  # what is constant in it is computed here already, and may raise what it likes
            raise _damaged() from error

    def rendered(self, messages: list[dict[str, str]]) -> str:
        """The prompt's text.

        Raises:
            ModelDamaged: the template fails on every message, or wants too much.
        """
        with resource_limits.memory_for(_MOST_MEMORY):
            try:
                text = self._once(messages)
            except ValueError:  # a template that refuses a system turn: put it in front of the first user turn
                try:
                    text = self._once(_without_system(messages))
                except Exception as error:
                    raise _damaged() from error
            except Exception as error:
                raise _damaged() from error
        if not text.strip() or len(text) > _LONGEST:
            raise _damaged()
        return text

    def _once(self, messages: list[dict[str, str]]) -> str:
        text: str = self._render(messages=messages, enable_thinking=False).prompt  # type: ignore[arg-type]
        return text


def _damaged() -> ModelDamaged:
    return ModelDamaged(
        "The model's chat template can't be used.", "Your calls are safe; choose another model with «tacit models use»."
    )


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if rest and system:
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    return rest
