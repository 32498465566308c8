"""A model's chat template: untrusted, so it is rendered in Jinja's sandbox within limits."""

from app.core.errors import ModelTemplateUnusable
from app.engines.sandbox import resource_limits

_MOST_MEMORY = 256 * 1024 * 1024  # bytes; a long prompt with all its copies takes a tenth of this
_LONGEST = 4_000_000  # characters of a rendered prompt; no context holds more
_DEFAULT = (
    "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)  # for a model without one


class ChatTemplate:
    """A compiled chat template; the caller limits the time (`resource_limits.deadline`)."""

    def __init__(self, source: str, begins: str, ends: str) -> None:
        """Compile.

        Raises:
            ModelTemplateUnusable: it is not a template.
        """
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        try:
            with resource_limits.extra_memory_limit(_MOST_MEMORY):
                self._render = Jinja2ChatFormatter(source or _DEFAULT, eos_token=ends, bos_token=begins)
        except Exception as error:  # compiling evaluates constant expressions, which may raise anything
            raise ModelTemplateUnusable from error

    def render(self, messages: list[dict[str, str]]) -> str:
        """Render the messages as the prompt's text.

        Raises:
            ModelTemplateUnusable: the template fails, or needs too much memory.
        """
        with resource_limits.extra_memory_limit(_MOST_MEMORY):
            try:
                text = self._render_once(messages)
            except ValueError:  # a template may refuse a system turn: then prepend it to the first user turn
                try:
                    text = self._render_once(_without_system(messages))
                except Exception as error:
                    raise ModelTemplateUnusable from error
            except Exception as error:
                raise ModelTemplateUnusable from error
        if not text.strip() or len(text) > _LONGEST:
            raise ModelTemplateUnusable
        return text

    def _render_once(self, messages: list[dict[str, str]]) -> str:
        text: str = self._render(messages=messages, enable_thinking=False).prompt  # type: ignore[arg-type]
        return text


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if rest and system:
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    return rest
