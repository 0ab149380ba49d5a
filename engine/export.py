"""Any experiment as a standalone script: the source of the engine functions that ran, the settings as plain values."""

import inspect
import textwrap

from engine.spec import Spec


def script(spec: Spec) -> str:
    """A Python program that prints the experiment's table as CSV and does not need this package.

    It imports torch, numpy and, for an optimizer from another package, that one.

    The numbers are those of the result's ``table()``, to the last bit on the same machine. Raises NotImplementedError
    for a spec that is only a part of an experiment.
    """
    recipe = spec.recipe()
    sources = [part if isinstance(part, str) else inspect.getsource(part) for part in recipe.functions]
    values = "\n".join(f"{name} = {expression}" for name, expression in recipe.values.items())
    main = f"def main():\n{textwrap.indent(recipe.main.strip(), '    ')}"
    title = '"""An experiment from Gradient Lab. Prints its table as comma-separated values."""'
    blocks = [*(source.strip() for source in sources), values, main, 'if __name__ == "__main__":\n    main()']
    return title + "\n\n" + "\n".join(recipe.imports) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"
